"""Links between contacts, mails, cases and claims: which earlier item each is attached to, and by which rule (pure).

Items stand in one total order: by time, then kind, id and segment. Every link points to an earlier item and depends on nothing
later: the links of night after night together are those of one look at everything.

- Explicit: items that name the same contact, case, claim or mail thread form a chain, each attached to the latest earlier one.
- Inferred: an item is attached to the customer's latest earlier item of the same topic, if that is no older than
  `same_topic_within_days`. The topic is the line of business of the item's queue; of a claim, that of the queue that works on
  claims of its kind. An item that is or names a case or claim has a matter of its own: it joins only a conversation in which none
  was named yet, so that two claims of one customer never become one by inference. Where a source states a link to that same item,
  nothing is inferred beside it. Mails that nobody wrote, and what stays in the house, have no topic and infer nothing.
- A customer id with more than `shared_customer_items` items of one topic in the days up to an item's date is nobody's own: what
  would have been inferred is left out, and said (rule `shared_customer`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.workstreams import WorkstreamRules
from warehouse.tables.workstreams import INFERRED_RULE, LINK_RULES

IDENTITY = ("item_kind", "item_id", "segment")
CONTENT = (
    *IDENTITY, "business_date", "happened_at", "customer_id", "topic", "case_id", "claim_id", "thread_id", "previous_contact_id",
    "arrived_by",
)  # fmt: skip
"""What an item's links depend on."""

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
_DAY_US = 86_400_000_000
_NONE = -1


@dataclass(frozen=True, slots=True)
class Links:
    """Links between numbered items.

    Args:
        item: number of the attached item.
        linked: number of the earlier item it is attached to; -1 for the rule `shared_customer`.
        rule: index in `LINK_RULES`.
    """

    item: IntArray
    linked: IntArray
    rule: IntArray

    def of(self, wanted: BoolArray) -> Links:
        """The links of some items only.

        Args:
            wanted: one flag per item.
        """
        keep = wanted[self.item]
        return Links(self.item[keep], self.linked[keep], self.rule[keep])

    def joined(self, other: Links) -> Links:
        """These and further ones."""
        pairs = zip((self.item, self.linked, self.rule), (other.item, other.linked, other.rule), strict=True)
        return Links(*(np.concatenate(pair) for pair in pairs))


def in_order(items: pa.Table) -> pa.Table:
    """The items (columns `CONTENT`) in their total order: by time, those of one instant by kind, id and segment."""
    times = _instants(items)
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    tied = np.unique(np.concatenate([same, same + 1]))
    keys = [("happened_at", "ascending"), *((name, "ascending") for name in IDENTITY)]
    inner = pc.sort_indices(items.select([name for name, _ in keys]).take(pa.array(order[tied])), sort_keys=keys).to_numpy()
    order[tied] = order[tied][inner]
    return items.take(pa.array(order)).combine_chunks()


def links_between(items: pa.Table, rules: WorkstreamRules) -> Links:
    """All links of some items.

    Args:
        items: columns `CONTENT`, in order as `in_order` gives them.
        rules: the enterprise's rules.

    Returns:
        Links between row numbers; at most one per item and rule.
    """
    contacts = _contact_codes(items)
    found = [*_explicit(items, contacts), _inferred(items, contacts, rules)]
    explicit = np.zeros(items.num_rows, dtype=bool)
    for links in found[:-1]:
        explicit[links.item] = True
    inferred = found[-1]
    stays = (inferred.linked != _NONE) | ~explicit[inferred.item]
    found[-1] = Links(inferred.item[stays], inferred.linked[stays], inferred.rule[stays])
    links = found[0]
    for other in found[1:]:
        links = links.joined(other)
    return links


def _explicit(items: pa.Table, contacts: tuple[IntArray, IntArray]) -> list[Links]:
    """Chains of items that name the same thing."""
    own, before = contacts
    arrived = pc.index_in(items.column("arrived_by"), pa.array(LINK_RULES))  # as the rule of that name; a customer's own is none
    by: IntArray = np.asarray(pc.fill_null(arrived, _NONE).to_numpy(), dtype=np.int64)
    further = (before != _NONE) & (before != own)
    every = np.arange(items.num_rows)
    rule_of_own = np.where(further | (by == _NONE), LINK_RULES.index("same_contact"), by)
    rule_of_before = np.where(by == _NONE, LINK_RULES.index("transfer"), by)
    code = np.concatenate([own, np.where(further, before, _NONE)])
    found = [_chains(code, np.tile(every, 2), np.concatenate([rule_of_own, rule_of_before]))]
    for name in ("case", "claim", "thread"):
        found.append(_chains(_codes(items.column(f"{name}_id")), every, np.full(items.num_rows, LINK_RULES.index(name))))
    return found


def _chains(code: IntArray, item: IntArray, rule: IntArray) -> Links:
    """Link every item to the latest earlier one with the same code."""
    keep = np.flatnonzero(code != _NONE)
    order = keep[np.lexsort((item[keep], code[keep]))]
    follows = np.flatnonzero(code[order][1:] == code[order][:-1]) + 1
    return Links(item[order[follows]], item[order[follows - 1]], rule[order[follows]])


def _inferred(items: pa.Table, contacts: tuple[IntArray, IntArray], rules: WorkstreamRules) -> Links:
    """Link items to the customer's latest earlier item of the same topic."""
    customer, topic = _codes(items.column("customer_id")), _codes(items.column("topic"))
    item = np.flatnonzero((customer != _NONE) & (topic != _NONE))
    group = customer[item] * (topic.max(initial=0) + 1) + topic[item]
    order = np.argsort(group, kind="stable")
    item, group = item[order], group[order]
    names = {name: _codes(items.column(name))[item] for name in ("case_id", "claim_id", "thread_id")}
    own, before = (code[item] for code in contacts)
    near = np.append(False, group[1:] == group[:-1])[: len(item)]
    near &= np.diff(_instants(items)[item], prepend=0) <= rules.same_topic_within_days * _DAY_US
    chain_start = np.maximum.accumulate(np.where(near, 0, np.arange(len(item))))
    own_matter = (names["case_id"] != _NONE) | (names["claim_id"] != _NONE)
    matters_until = np.cumsum(own_matter) - own_matter  # those before each item, from the first of all
    not_the_first = own_matter & (matters_until > matters_until[chain_start])
    stated = np.zeros(len(item), dtype=bool)
    for now, last in (*((code, code) for code in names.values()), (own, own), (own, before), (before, own), (before, before)):
        stated[1:] |= (now[1:] == last[:-1]) & (now[1:] != _NONE)
    joins = np.flatnonzero(near & ~not_the_first & ~stated)
    shared = _shared(group, _days(items)[item], rules)[joins]
    rule = np.where(shared, LINK_RULES.index("shared_customer"), LINK_RULES.index(INFERRED_RULE))
    return Links(item[joins], np.where(shared, _NONE, item[joins - 1]), rule)


def _shared(group: IntArray, day: IntArray, rules: WorkstreamRules) -> BoolArray:
    """Whether an item's group (sorted) had too many items on its date and the days before."""
    if group.size == 0:
        return np.zeros(0, dtype=bool)
    first_day = int(day.min())
    span = int(day.max()) - first_day + 1 + rules.same_topic_within_days  # so that no window reaches into the group before
    place = group * span + (day - first_day) + rules.same_topic_within_days
    sorted_place = np.sort(place)
    until = np.searchsorted(sorted_place, place, side="right")
    since = np.searchsorted(sorted_place, place - rules.same_topic_within_days, side="left")
    return np.asarray(until - since > rules.shared_customer_items)


def _contact_codes(items: pa.Table) -> tuple[IntArray, IntArray]:
    """Codes of a contact's own id and of the contact before it, comparable with one another."""
    own = pc.if_else(pc.equal(items.column("item_kind"), "contact"), items.column("item_id"), pa.scalar(None, pa.string()))
    before = items.column("previous_contact_id")
    code = _codes(pa.chunked_array([*own.chunks, *before.chunks], pa.string()))
    return code[: items.num_rows], code[items.num_rows :]


def _codes(values: pa.ChunkedArray) -> IntArray:
    """A number per different value, -1 where it is missing."""
    encoded = values.combine_chunks().dictionary_encode()
    codes: IntArray = np.asarray(pc.fill_null(encoded.indices, _NONE).to_numpy(zero_copy_only=False), dtype=np.int64)
    return codes


def _instants(items: pa.Table) -> IntArray:
    return np.asarray(items.column("happened_at").cast(pa.int64()).to_numpy(), dtype=np.int64)


def _days(items: pa.Table) -> IntArray:
    return np.asarray(items.column("business_date").cast(pa.int32()).to_numpy(), dtype=np.int64)
