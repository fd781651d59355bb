"""Mail archives: email/claims-YYYY-MM.mbox and email/service-YYYY-MM.mbox (RFC 4155, headers and one line of body).

Customers' mails and the company's replies lie in one archive in order of time, in the month of their local date. A reply
carries In-Reply-To and References; a customer's answer to a reply re-opens the thread. Out-of-office answers carry
Auto-Submitted (RFC 3834), newsletters and delivery notices Precedence and List-Id: neither is work for anybody.
The mail system adds X-Agent-Id and X-Handle-Seconds to replies. Customers write from customer.<number>@mail.example; a mail
about a claim names the claim in its subject.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from demo.clock import Clock, IntArray
from demo.dirt import Dirt
from demo.names import agent_ids, claim_ids
from demo.queues import QUEUES, queues_of
from demo.text import Text, choose, cut, digits, in_order, join, local_stamp, stamp, where
from demo.world import World

COMPANY_DOMAIN = "harbourmutual.example"
CUSTOMER_DOMAIN = "mail.example"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS_OF_MONTH = tuple(f"{day:2d}" for day in range(1, 32))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SUBJECTS = {
    "claims": (
        "Question about my claim", "Photos of the damage", "When will the surveyor come", "Invoice of the repair",
        "Status of my claim", "Additional information",
    ),
    "service": (
        "Change of address", "Question about my policy", "Copy of my policy", "New bank account", "Cancellation",
        "Cover abroad",
    ),
}  # fmt: skip
_AUTO_REPLY_FRACTION = 0.035
_BULK_PER_DAY = 4.0


def _named_dates(seconds: IntArray, clock: Clock) -> tuple[Text, Text]:
    """The mbox separator's asctime in UTC, and the Date header in local time with its offset."""
    days = seconds // 86_400
    moment_month = np.asarray(seconds, np.int64).astype("datetime64[s]").astype("datetime64[M]")
    month = moment_month.astype(np.int64) % 12
    of_month = (
        np.asarray(seconds, np.int64).astype("datetime64[s]").astype("datetime64[D]") - moment_month.astype("datetime64[D]")
    ).astype(np.int64)
    asctime = join(
        choose(_DAYS, (days + 3) % 7), " ", choose(_MONTHS, month), " ", choose(_DAYS_OF_MONTH, of_month),
        stamp(seconds, " HH:MM:SS YYYY"),
    )  # fmt: skip
    local = seconds + clock.offset(seconds)
    local_month = local.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
    header = join(
        choose(_DAYS, (local // 86_400 + 3) % 7), ", ", stamp(local, "dd "), choose(_MONTHS, local_month),
        local_stamp(seconds, clock, " YYYY HH:MM:SS ", colon=False),
    )  # fmt: skip
    return asctime, header


def _mail(
    moment: IntArray, clock: Clock, sender: str | Text, receiver: str | Text, message_id: Text, *headers: str | Text | IntArray
) -> Text:
    """Whole messages from their parts; `headers` follow the standard ones and bring their own line ends."""
    asctime, date_header = _named_dates(moment, clock)
    return join(
        "From ", sender, " ", asctime, "\nMessage-ID: ", message_id, "\nDate: ", date_header, "\nFrom: <", sender,
        ">\nTo: <", receiver, ">\n", *headers, "\n(body removed)\n\n",
    )  # fmt: skip


def mailbox_lines(world: World, queue: int, rng: np.random.Generator) -> tuple[Text, IntArray]:
    """All messages of one mailbox in order of time, and their times."""
    clock, items = world.clock, world.items[queue]
    box = QUEUES[queue].source_name
    company = f"{box}@{COMPANY_DOMAIN}"
    rows = np.arange(len(items.arrived))
    person = join("customer.", world.arrivals[queue].customer[items.origin], f"@{CUSTOMER_DOMAIN}")
    claim = world.arrivals[queue].claim[items.origin]
    tag = join("<", digits(rows, 8), ".", items.arrived)
    mail_id = join(tag, f".{box}@{CUSTOMER_DOMAIN}>")
    reply_id = join(tag, f".reply@{COMPANY_DOMAIN}>")
    parent = pa.array(np.maximum(items.previous, 0))
    again = items.previous >= 0
    parent_reply = reply_id.take(parent)
    words = choose(_SUBJECTS[box], (items.origin * 7919) % len(_SUBJECTS[box]))
    subject = where(claim >= 0, join(words, " [", claim_ids(claim), "]"), words)
    # A thread that comes back more than once carries only its first mail and the last reply: old clients do so.
    thread = where(
        again, join("In-Reply-To: ", parent_reply, "\nReferences: ", mail_id.take(parent), " ", parent_reply, "\n"), ""
    )
    first = _mail(
        items.arrived, clock, person, company, mail_id,
        where(again, "Subject: Re: ", "Subject: "), subject, "\n", thread,
    )  # fmt: skip
    done = np.flatnonzero(items.finished >= 0)
    picked = pa.array(done)
    answered = mail_id.take(picked)
    replies = _mail(
        items.finished[done], clock, company, person.take(picked), reply_id.take(picked),
        "Subject: Re: ", subject.take(picked), "\nIn-Reply-To: ", answered,
        "\nReferences: ", answered, "\nX-Agent-Id: ", agent_ids(items.agent[done]), "\nX-Handle-Seconds: ",
        items.work[done], "\n",
    )  # fmt: skip
    away = done[rng.random(len(done)) < _AUTO_REPLY_FRACTION]
    picked = pa.array(away)
    replied = reply_id.take(picked)
    auto_at = items.finished[away] + rng.integers(2, 50, len(away))
    autos = _mail(
        auto_at, clock, person.take(picked), company, join("<auto.", digits(away, 8), f".{box}@{CUSTOMER_DOMAIN}>"),
        "Subject: Automatic reply: ", subject.take(picked), "\nAuto-Submitted: auto-replied\nIn-Reply-To: ", replied,
        "\nReferences: ", replied, "\n",
    )  # fmt: skip
    bulk_at = np.sort(rng.integers(clock.midnight[0], clock.end, int(rng.poisson(_BULK_PER_DAY * len(clock.days)))))
    number = np.arange(len(bulk_at), dtype=np.int64)
    bulk = _mail(
        bulk_at, clock, "news@trade-press.example", company, join("<bulk.", digits(number, 7), f".{box}@trade-press.example>"),
        "Subject: Newsletter ", number, "\nPrecedence: bulk\nList-Id: <news.trade-press.example>\n",
    )  # fmt: skip
    pieces = [first, replies, autos, bulk]
    return in_order(pieces, [items.arrived, items.finished[done], auto_at, bulk_at], [0, 1, 2, 3])


def _delivered_twice(
    lines: Text, moment: IntArray, box: str, clock: Clock, dirt: Dirt, rng: np.random.Generator
) -> tuple[Text, IntArray]:
    """Let a few mails lie in the archive twice, byte by byte, as a hiccup of the mail server leaves them."""
    quiet = clock.midnight[dirt.quiet_from]
    candidates = np.flatnonzero((moment >= clock.midnight[clock.first]) & (moment < quiet))
    doubled = np.sort(rng.choice(candidates, min(int(rng.poisson(0.0001 * len(candidates))), len(candidates)), replace=False))
    for row in doubled.tolist():
        day = clock.days[int(clock.day_of(moment[row : row + 1])[0])]
        headline = lines[row].as_py().split("\n", 2)[1]
        dirt.note("duplicate_mail", f"email/{box}-{day:%Y-%m}.mbox", day, 1, headline)
    order = np.sort(np.concatenate([np.arange(len(moment)), doubled]))
    return lines.take(pa.array(order)), moment[order]


def write_mailboxes(world: World, folder: Path, dirt: Dirt, rng: np.random.Generator) -> int:
    """Write the monthly archives of both mailboxes; returns the number of messages, doubled ones included."""
    clock, written = world.clock, 0
    (folder / "email").mkdir(parents=True)
    months = [(day.year, day.month) for day in clock.days]
    starts = [day for day in range(clock.first, clock.last + 1) if day == clock.first or months[day] != months[day - 1]]
    for queue in queues_of("email"):
        lines, moment = mailbox_lines(world, queue, rng)
        lines, moment = _delivered_twice(lines, moment, QUEUES[queue].source_name, clock, dirt, rng)
        edges = np.searchsorted(moment, np.append(clock.midnight[starts], clock.end), side="left")
        for day, content in zip(starts, cut(lines, edges), strict=True):
            name = f"{QUEUES[queue].source_name}-{clock.days[day]:%Y-%m}.mbox"
            (folder / "email" / name).write_bytes(content)
        written += int(edges[-1] - edges[0])
    return written
