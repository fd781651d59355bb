"""Contacts in one pass: who came, was answered and gave up per interval, when the work was done, and how long people waited.

Contacts are many, so they are read once. The pass groups them by the intervals in which they arrived, were answered and were
done with; whatever history wants is then a sum over some thousand groups. Times are counted in whole microseconds from the start
of the contact's day: sums are exact in any order, and DuckDB needs no calendar.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

from etl.demand import COUNTS_SQL

WAIT_EDGES_SECONDS = (0, 5, 10, 20, 40, 80, 160, 320, 640)
"""Lower bounds of the classes of waiting times."""

STEP_US = "getvariable('step_us')"
_WAIT_CLASS = " + ".join(f"(waited >= {edge}000000)::TINYINT" for edge in WAIT_EDGES_SECONDS[1:])


def flow_sql(contacts: str, counts: str = COUNTS_SQL, sign: str = "0") -> str:
    """Groups of contacts that arrived, were answered and were done with in the same intervals.

    Reads `contact_days` (business_date, start_us, as_of_us after the start, due) and `rules`. A contact is followed until its
    day's `as_of_us`: what happens later is not known.

    Args:
        contacts: view of contacts.
        counts: whether a contact counts as demand.
        sign: 0 for what was worked on; 1 or -1 for contacts to be counted or not to be counted after all.

    Returns:
        SQL for queue_id, business_date; `arrived_in`, `answered_in`, `ended_in`: intervals of the day, running on over midnight,
        the latter two missing for who was not answered; `counts`, `gave_up`, `in_time`, `wait_class`, `sign`; `contacts`,
        `callbacks` among them, `waited_us`, and for the answered `handled_us` and `answered_us` (sum of the instants of answer).
    """
    return f"""
        WITH placed AS (
          SELECT c.queue_id, c.business_date, d.as_of_us, c.outcome = 'abandoned' AS gave_up, {counts} AS counts, {sign} AS sign,
            c.arrived_by = 'callback' AS called_back,
            c.wait_seconds <= r.answer_within_seconds AS in_time,
            epoch_us(c.arrived_at) - d.start_us AS arrived, epoch_us(c.answered_at) - d.start_us AS answer,
            (1e6 * c.wait_seconds)::BIGINT AS wait, (1e6 * c.handle_seconds)::BIGINT AS handle
          FROM {contacts} c JOIN contact_days d USING (business_date) JOIN rules r USING (queue_id)
        ),
        followed AS (
          SELECT queue_id, business_date, counts, sign, called_back, in_time, arrived,
            gave_up AND arrived + wait < as_of_us AS gave_up,
            CASE WHEN answer < as_of_us AND NOT gave_up THEN answer END AS answered,
            least(wait, as_of_us - arrived) AS waited, least(handle, as_of_us - answer) AS handled
          FROM placed
        )
        SELECT queue_id, business_date, arrived // {STEP_US} AS arrived_in, answered // {STEP_US} AS answered_in,
          (answered + handled) // {STEP_US} AS ended_in, counts, gave_up, in_time, {_WAIT_CLASS} AS wait_class, sign,
          count(*) AS contacts, count(*) FILTER (called_back) AS callbacks,
          sum(waited)::BIGINT AS waited_us, sum(handled)::BIGINT AS handled_us,
          sum(answered)::BIGINT AS answered_us
        FROM followed GROUP BY ALL
    """


LIVE_SQL = f"""
SELECT queue_id, make_timestamptz(any_value(d.start_us) + arrived_in * {STEP_US}) AS interval_start_utc, business_date,
  sum(n) AS offered, sum(n) FILTER (answered) AS answered, sum(n) FILTER (gave_up) AS abandoned,
  sum(n) FILTER (answered AND in_time) AS answered_within, sum(factor * handled_us) FILTER (answered) AS handle_us,
  sum(factor * waited_us) AS wait_us
FROM (
  SELECT *, CASE sign WHEN 0 THEN 1 ELSE sign END AS factor, factor * contacts AS n, answered_in IS NOT NULL AS answered
  FROM flow WHERE counts OR sign <> 0
) JOIN contact_days d USING (business_date)
WHERE d.due GROUP BY queue_id, business_date, arrived_in
"""
"""Demand per interval of arrival, from a table `flow` of the groups."""

WORKED_SQL = f"""
SELECT queue_id, make_timestamptz(d.start_us + place * {STEP_US}) AS at, worked_us FROM (
  SELECT queue_id, business_date, place,
    sum(CASE WHEN place = answered_in THEN contacts * (place + 1) * {STEP_US} - answered_us ELSE contacts * {STEP_US} END
      - CASE WHEN place = ended_in THEN contacts * (place + 1) * {STEP_US} - answered_us - handled_us ELSE 0 END) AS worked_us
  FROM (
    SELECT *, unnest(range(answered_in, ended_in + 1)) AS place FROM flow
    WHERE sign = 0 AND answered_in IS NOT NULL AND handled_us > 0
  ) GROUP BY ALL
) JOIN contact_days d USING (business_date) WHERE worked_us > 0
"""
"""Work per interval in which it was done, of all contacts, demand or not: from the answer to the end of after-contact work.

Of a group, the first interval holds what is left of it after each answer, the last one what had passed at each end, and those
between are full. `at` is an instant of that interval.
"""

WAITS_SQL = f"""
SELECT queue_id, business_date, {list(WAIT_EDGES_SECONDS)!r}[wait_class + 1]::DOUBLE AS waited_from_seconds,
  sum(n)::BIGINT AS offered_contacts, coalesce(sum(n) FILTER (answered_in IS NOT NULL), 0)::BIGINT AS answered_contacts,
  coalesce(sum(n) FILTER (gave_up), 0)::BIGINT AS abandoned_contacts, sum(factor * waited_us) / 1e6 AS wait_seconds
FROM (SELECT *, CASE sign WHEN 0 THEN 1 ELSE sign END AS factor, factor * contacts AS n FROM flow WHERE counts OR sign <> 0)
JOIN contact_days d USING (business_date) WHERE d.due
GROUP BY queue_id, business_date, wait_class HAVING sum(n) > 0
"""
"""Waiting times by class, of the contacts that count as demand."""
