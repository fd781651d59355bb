-- Whether every row of a table belongs to a plan on record, asked once per statement: a step of the key's index per plan there is,
-- where a foreign key looks each row up.
CREATE FUNCTION leadline_rows_of_a_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stray text;
BEGIN
    EXECUTE format(
        'WITH RECURSIVE plans AS ('
        '    (SELECT plan_date, version FROM %1$s ORDER BY plan_date, version LIMIT 1)'
        '    UNION ALL'
        '    SELECT next.* FROM plans AS p CROSS JOIN LATERAL ('
        '        SELECT r.plan_date, r.version FROM %1$s AS r'
        '        WHERE r.plan_date >= p.plan_date AND (r.plan_date, r.version) > (p.plan_date, p.version)'
        '        ORDER BY r.plan_date, r.version LIMIT 1'
        '    ) AS next'
        ')'
        'SELECT plan_date || '', version '' || version FROM plans'
        ' WHERE NOT EXISTS (SELECT FROM public.plan_version AS v WHERE (v.plan_date, v.version) = (plans.plan_date, plans.version))'
        ' LIMIT 1',
        TG_RELID::regclass
    ) INTO stray;
    IF stray IS NOT NULL THEN
        RAISE EXCEPTION '% has rows of the plan of %, which is not in plan_version', TG_RELID::regclass, stray
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leadline_rows_of_a_plan() IS 'Refuses rows of plans that are not in plan_version.';
REVOKE ALL ON FUNCTION leadline_rows_of_a_plan() FROM PUBLIC;

-- Partitions of a month for every partitioned table of this schema, made beside the table and then attached: readers do not wait.
CREATE OR REPLACE FUNCTION leadline_month(night date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first_day CONSTANT date := date_trunc('month', night);
    table_name text;
    partition text;
    made bigint := 0;
BEGIN
    IF night IS NULL OR NOT isfinite(night) THEN
        RAISE EXCEPTION 'leadline_month wants the night of a plan, got %', night;
    END IF;
    FOR table_name IN
        SELECT c.relname FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'p' AND pg_get_partkeydef(c.oid) = 'RANGE (plan_date)'
        ORDER BY 1
    LOOP
        partition := table_name || to_char(first_day, '_YYYY_MM');
        IF to_regclass(format('partitions.%I', partition)) IS NULL THEN
            EXECUTE format('CREATE TABLE partitions.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, table_name);
            EXECUTE format(
                'ALTER TABLE public.%I ATTACH PARTITION partitions.%I FOR VALUES FROM (%L) TO (%L)',
                table_name, partition, first_day, (first_day + interval '1 month')::date
            );
            IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = format('public.%I', table_name)::regclass AND tgname = 'rows_of_a_plan') THEN
                EXECUTE format(
                    'CREATE TRIGGER rows_of_a_plan AFTER INSERT OR UPDATE ON partitions.%I '
                    'FOR EACH STATEMENT EXECUTE FUNCTION public.leadline_rows_of_a_plan()', partition
                );
            END IF;
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
