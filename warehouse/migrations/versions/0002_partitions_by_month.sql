-- Partitions of a month for every partitioned table of this schema, made beside the table and then attached: readers do not wait.
CREATE FUNCTION leadline_month(night date) RETURNS bigint
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
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION leadline_month(date) IS 'Makes the partitions of the month of a plan; returns how many it made.';
REVOKE ALL ON FUNCTION leadline_month(date) FROM PUBLIC;
