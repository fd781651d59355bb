from datetime import date

import numpy as np
import pytest

from demo.claims import CLASS_SHARE, CLASSES, make_claims
from demo.clock import make_clock
from demo.demand import make_demand
from demo.lead import MAXIMUM_LAG_DAYS, TARGETS, draw_claim_contacts, kernel
from demo.queues import QUEUE_INDEX, QUEUES


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(5)
    clock = make_clock(date(2025, 1, 6), date(2025, 4, 6))
    demand = make_demand(clock, np.zeros(len(QUEUES)), rng)
    claims = make_claims(clock, demand, rng)
    return clock, claims, draw_claim_contacts(claims, demand, clock, rng)


def test_the_kernel_is_recovered_from_claims_and_the_contacts_they_caused(drawn) -> None:
    clock, claims, contacts = drawn
    beta = kernel()
    early = claims.reported < clock.midnight[clock.last - 12]  # all their contacts lie inside
    for target, queue_id in enumerate(TARGETS):
        mine = (contacts.queue == QUEUE_INDEX[queue_id]) & early[contacts.claim]
        for index in range(len(CLASSES)):
            number = int((early & (claims.claim_class == index)).sum())
            seen = np.bincount(
                contacts.lag[mine & (claims.claim_class[contacts.claim] == index)], minlength=MAXIMUM_LAG_DAYS + 1
            )  # fmt: skip
            expected = number * beta[index, target]
            assert (np.abs(seen - expected) <= 5.0 * np.sqrt(expected) + 3.0).all(), (queue_id, CLASSES[index])


def test_contacts_follow_their_claim_and_peak_one_to_three_days_later(drawn) -> None:
    clock, claims, contacts = drawn
    assert (contacts.arrived > claims.reported[contacts.claim]).all()
    delay = clock.day_of(contacts.arrived) - clock.day_of(claims.reported[contacts.claim])
    assert 1 <= int(np.bincount(delay).argmax()) <= 3
    assert (delay >= contacts.lag).all(), "a closed day postpones, it never brings forward"


def test_a_claim_causes_about_nine_tenths_of_a_call_and_half_a_mail() -> None:
    weight = np.concatenate([80 * CLASS_SHARE[:3], 50 * CLASS_SHARE[3:]])
    per_claim = (kernel().sum(axis=2) * weight[:, None]).sum(axis=0) / weight.sum()
    assert per_claim[0] + per_claim[1] == pytest.approx(0.9, abs=0.1)
    assert per_claim[2] == pytest.approx(0.5, abs=0.05)


def test_storms_surge_and_decay_and_carry_a_catastrophe_code(drawn) -> None:
    clock, claims, _ = drawn
    assert claims.storms[-1].day == clock.last - 2
    storm = claims.storms[0]
    day = clock.day_of(claims.reported[claims.storm == 0]) - storm.day
    counts = np.bincount(day, minlength=8)
    assert counts[0] + counts[1] > 0.45 * counts.sum()
    assert counts[1] > counts[3] > counts[6]
    assert storm.code.startswith("NL-2025-S")
    assert (claims.claim_class[claims.storm >= 0] == CLASSES.index(("property", "storm"))).all()
