"""Contacts booked into sums: the loop asks the one demand definition, and short ways give what the long ones give."""

import duckdb
import numpy as np

from etl.completeness import _quantile
from etl.contact_flow import WAYS, counted_from
from etl.demand import COUNTED_FROM_SQL, demand_rules
from tests.support.example_contacts import enterprise_with


def test_who_gives_up_early_counts_from_the_threshold_on_and_others_always_or_never() -> None:
    enterprise = enterprise_with({"voice_service": {"short_abandon_seconds": 5, "count_transfers_in": False}})
    queues = list(enterprise.queues.values())
    connection = duckdb.connect()
    connection.register("rules", demand_rules(queues))
    words = {"directions": "direction", "outcomes": "outcome", "arrivals": "arrived_by"}
    rows = connection.execute(COUNTED_FROM_SQL, {name: list(WAYS[way]) for name, way in words.items()}).fetchall()
    names = [queue.id for queue in queues]
    waits = counted_from(rows, names)

    def of(queue_id: str, **given: str) -> float:
        way = {"direction": "inbound", "outcome": "answered", "arrived_by": "customer", **given}
        return float(waits[(names.index(queue_id), *(WAYS[name].index(way[name]) for name in WAYS))])

    assert of("voice_service", outcome="abandoned") == 5
    assert of("voice_service") == -np.inf
    assert of("voice_service", arrived_by="transfer") == of("voice_service", direction="outbound") == np.inf
    assert of("email_service") == np.inf
    assert np.isinf(waits[names.index("voice_claims"), WAYS["direction"].index("internal")]).all()


def test_quantiles_of_what_is_known_are_numpys() -> None:
    random = np.random.default_rng(3)
    values = random.integers(0, 300, (8, 400)).astype(np.float64)
    values[1:][random.random((7, 400)) < 0.4] = np.nan
    for share in (0.25, 0.5):
        assert (_quantile(values, share) == np.nanquantile(values, share, axis=0)).all()
