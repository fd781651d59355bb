"""What the report says in words."""

from __future__ import annotations

WORDS = """# How well faults are detected

Written by `python benchmarks/bench_faults.py --write`; do not edit. What the rules are stands in `expectations/monitors/`, where
each day is judged by the days before it alone. How it was counted:

- **Clean data**: nights of the demo enterprise (13 queues, 6 feeds) on which the demo itself planted nothing but single broken or
  doubled lines. Holidays, storms, clock changes and the days between the years are among them.
- **A fault** changes the single rows of one queue or feed of one night. History's figures and the summaries of rows are then made
  again by the monitors' own SQL and arithmetic. Night and target are drawn at random by a seed; small queues and Sundays
  included.
- **Large** is a queue-day whose count or mean handle time the fault moved by 30 % or more, as issue 4 says. Each such queue-day
  counts once, whatever its size.
- **Caught** is a queue-day of which a finding speaks on that night: of the queue, of its source, or of the claims it works on.
  `quarantine` findings hold the day back; `warn` findings tell people. **Held** counts the former alone.
- **A false alarm** is a clean night with at least one finding of any rule, severity and queue.
- **Held out** are the clean nights, and the faults planted into nights, of every other month. Thresholds were chosen on the other
  months alone (`--choose`): from where theory would put them, moved only where the training nights gain by it. The figures of the
  held-out months are those that count. What is *not* held out: the rules themselves were thought of by people who had seen misses
  and alarms of all months. For that there are demos of other seeds, judged once (below).
- Intervals are 95 % (Clopper and Pearson). Several queue-days of one feed's fault are not independent, so theirs are too narrow.
"""
LIMITS = """
## What cannot be caught this way

- **A third of one small queue's rows lost here and there.** A queue of 20 contacts a day varies by 22 % by chance alone, and its
  days vary by 10 to 15 % more, so that a day that is 30 % down is an ordinary one: the table of what a count alone can tell. What
  helps are traces: events and replies of rows that are not there, gaps in running numbers, agents who seem idle while customers
  wait. Chat has none of these.
- **Contacts booked on another queue** leave no trace where queues are small: nothing is lost and nothing comes twice.
- **Rows that were added are found by what they repeat**: the second, the customer within a minute, the customer and second of
  another day, one customer over and over. Rows that repeat nothing (another customer, another time, no agent) are seen by their
  number alone. In the demo nearly no customer comes twice within a minute; where many do, the rules learn that and see less.
- **`numbers_missing` is stronger here than it will be elsewhere**: the demo's switch numbers its calls without any irregularity.
  A real one uses numbers for other channels as well. The rule learns how regular a source's numbers are and is silent where they
  are not; the figures above are therefore also given without it.
- A fault in the first 35 open days of a queue, on a day that the settings name as an event, or on a closed day is not judged by
  its count. Bridge days, first days after a closure and the days between the years are judged more mildly: they are rare, and
  fall together in ever new ways.
- The county's and the bank's calls were not used to choose thresholds. Two rules were mended after looking at their alarms: a day
  with a surge no longer has a hole elsewhere, and evidence is scaled by how unsteady a queue's days are.
- A level that stays off by about as much for seven open days is accepted as new, with a warning: a fault that lasts longer
  teaches.
- Signs in single rows are looked for in the last 16 weeks; the count and the handle time of every day of the history.
"""
REAL = (
    "What they are, as far as it is known: 2016-02-24 and 2016-04-03 are storms, 2016-02-15 is Presidents' Day, and on"
    " 2016-05-01 hours of data are missing: a fault, and found. On 2003-09-26 nearly nothing of the bank's evening from"
    " 20:00 is there and on 2003-06-09 a third is missing from 17:00 on: they look like outages of the record or of the"
    " bank. Nobody knows of the others; they have to be taken for false alarms."
)
