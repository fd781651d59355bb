"""Contacts in one pass: who came, was answered and gave up per interval, when the work was done, and how long people waited.

Contacts are many, so they are read once. The pass groups them by the intervals in which they arrived, were answered and were
done with; whatever history wants is then a sum over some thousand groups. Times are whole microseconds since 1970 and intervals
are numbered from there (`shift_us` is where a day begins within them): sums are exact in any order, and DuckDB needs no calendar.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

from etl.demand import COUNTS_SQL

WAIT_EDGES_SECONDS = (0, 5, 10, 20, 40, 80, 160, 320, 640)
"""Lower bounds of the classes of waiting times."""

_STEP = "getvariable('step_us')"
_SHIFT = "getvariable('shift_us')"
_LONG_SECONDS = 82_800
_WAIT_CLASS = " + ".join(f"(waited >= {edge}000000)::TINYINT" for edge in WAIT_EDGES_SECONDS[1:])

_AS_IT_IS = "gave_up, answer AS answered, wait AS waited, handle AS handled"
_AS_FAR_AS_KNOWN = """gave_up AND arrived + wait < as_of_us AS gave_up,
            CASE WHEN answer < as_of_us AND NOT gave_up THEN answer END AS answered,
            least(wait, as_of_us - arrived) AS waited, least(handle, as_of_us - answer) AS handled"""


def flow_sql(contacts: str, *, followed: bool, counts: str = COUNTS_SQL, sign: str = "0") -> str:
    """Groups of contacts that arrived, were answered and were done with in the same intervals.

    Args:
        contacts: view of contacts; the view `rules` is read beside it.
        followed: whether contacts are followed only until the `as_of_us` of their day in `contact_days`: what happens later is
            not known. It need not be looked at where that lies a day or more behind the day and no contact is `long`.
        counts: whether a contact counts as demand.
        sign: 0 for what was worked on; 1 or -1 for contacts to be counted or not to be counted after all.

    Returns:
        SQL for queue_id; `arrived_in`, `answered_in`, `ended_in`: numbers of intervals, the latter two missing for who was not
        answered; `counts`, `gave_up`, `in_time`, `called_back`, `long`, `wait_class`, `sign`; `contacts`, `waited_us`, and for
        the answered `handled_us` and `answered_us` (sum of the instants of answer).
    """
    days = "JOIN contact_days d USING (business_date)" if followed else ""
    return f"""
        SELECT queue_id, (arrived - {_SHIFT}) // {_STEP} AS arrived_in, (answered - {_SHIFT}) // {_STEP} AS answered_in,
          (answered + handled - {_SHIFT}) // {_STEP} AS ended_in, counts, gave_up, in_time, called_back, long,
          {_WAIT_CLASS} AS wait_class, sign, count(*) AS contacts, sum(waited) AS waited_us, sum(handled) AS handled_us,
          sum(answered) AS answered_us
        FROM (
          SELECT queue_id, counts, sign, in_time, called_back, long, arrived, {_AS_FAR_AS_KNOWN if followed else _AS_IT_IS}
          FROM (
            SELECT c.queue_id, {"d.as_of_us," if followed else ""} c.outcome = 'abandoned' AS gave_up, {counts} AS counts,
              {sign} AS sign, c.arrived_by = 'callback' AS called_back, c.wait_seconds <= r.answer_within_seconds AS in_time,
              c.wait_seconds + c.handle_seconds >= {_LONG_SECONDS} AS long,
              epoch_us(c.arrived_at) AS arrived, CASE WHEN c.outcome <> 'abandoned' THEN epoch_us(c.answered_at) END AS answer,
              (1e6 * c.wait_seconds)::BIGINT AS wait, (1e6 * c.handle_seconds)::BIGINT AS handle
            FROM {contacts} c {days} JOIN rules r USING (queue_id)
          )
        ) GROUP BY ALL
    """


_DEMAND = f"""
  SELECT f.*, d.business_date, CASE sign WHEN 0 THEN 1 ELSE sign END AS factor, factor * contacts AS n,
    answered_in IS NOT NULL AS answered
  FROM (SELECT *, {_SHIFT} + arrived_in * {_STEP} AS start_us FROM flow WHERE counts OR sign <> 0) f
  ASOF JOIN contact_days d ON f.start_us >= d.start_us WHERE d.due AND f.start_us < d.end_us
"""

LIVE_SQL = f"""
SELECT queue_id, make_timestamptz(start_us) AS interval_start_utc, business_date,
  sum(n) AS offered, sum(n) FILTER (answered) AS answered, sum(n) FILTER (gave_up) AS abandoned,
  sum(n) FILTER (answered AND in_time) AS answered_within, sum(factor * handled_us) FILTER (answered) AS handle_us,
  sum(factor * waited_us) AS wait_us
FROM ({_DEMAND}) GROUP BY queue_id, start_us, business_date
"""
"""Demand per interval of arrival, from a table `flow` of the groups."""

WORKED_SQL = f"""
SELECT queue_id, make_timestamptz(({_SHIFT} + place * {_STEP})::BIGINT) AS at, worked_us FROM (
  SELECT queue_id, place,
    sum(CASE WHEN place = answered_in THEN contacts::HUGEINT * ({_SHIFT} + (place + 1) * {_STEP}) - answered_us
        ELSE contacts * {_STEP} END
      - CASE WHEN place = ended_in THEN contacts::HUGEINT * ({_SHIFT} + (place + 1) * {_STEP}) - answered_us - handled_us
        ELSE 0 END
    ) AS worked_us
  FROM (
    SELECT *, unnest(range(answered_in, ended_in + 1)) AS place FROM flow
    WHERE sign = 0 AND answered_in IS NOT NULL AND handled_us > 0
  ) GROUP BY ALL
) WHERE worked_us > 0
"""
"""Work per interval in which it was done, of all contacts, demand or not: from the answer to the end of after-contact work.

Of a group, the first interval holds what is left of it after each answer, the last one what had passed at each end, and those
between are full. `at` is where the interval begins. A sum of instants needs more than 64 bits.
"""

WAITS_SQL = f"""
SELECT queue_id, business_date, {list(WAIT_EDGES_SECONDS)!r}[wait_class + 1]::DOUBLE AS waited_from_seconds,
  sum(n)::BIGINT AS offered_contacts, coalesce(sum(n) FILTER (answered), 0)::BIGINT AS answered_contacts,
  coalesce(sum(n) FILTER (gave_up), 0)::BIGINT AS abandoned_contacts, sum(factor * waited_us) / 1e6 AS wait_seconds
FROM ({_DEMAND}) GROUP BY queue_id, business_date, wait_class HAVING sum(n) > 0
"""
"""Waiting times by class, of the contacts that count as demand."""
