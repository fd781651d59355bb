"""A warehouse that does not let us in is for a person, one that does not answer is tried again; the plan stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from enterprise.alerts import Alerts, Webhook
from enterprise.errors import NeedsPersonError, WarehouseUnreachableError
from enterprise.settings import Enterprise
from expectations.telling.job import tell_if_late
from tests.support.example_night import PLAN_DATE
from tests.support.mail_server import HOST, web_server
from warehouse.database import connected, transaction, warehouse_url
from warehouse.job import publish_night, take_overrides_night
from warehouse.lake import Lake

pytestmark = pytest.mark.integration
WRONG = {
    "password": "expired-not-to-be-shown",
    "username": "nobody_we_know",
    "database": "no_such_database",
}


def with_wrong(enterprise: Enterprise, what: str) -> Enterprise:
    """The enterprise, whose warehouse's address has something wrong."""
    url = make_url(warehouse_url(enterprise.storage))
    wrong = url.set(host=HOST, port=1) if what == "port" else url.set(**{what: WRONG[what]})
    storage = enterprise.storage.model_copy(update={"warehouse_url": wrong.render_as_string(hide_password=False)})
    return enterprise.model_copy(update={"storage": storage})


@pytest.mark.parametrize("what", WRONG)
def test_a_login_that_is_refused_is_for_a_person_and_told_without_the_password(
    what: str, enterprise: Enterprise, url: str, own_lake: Lake
) -> None:
    good = publish_night(PLAN_DATE, enterprise, own_lake)
    wrong = with_wrong(enterprise, what)
    for act in (publish_night, take_overrides_night):
        with pytest.raises(
            NeedsPersonError, match=r"refuses this login.*last published plan stays current.*leadline doctor"
        ) as raised:
            act(PLAN_DATE, wrong, own_lake)
        assert "not-to-be-shown" not in str(raised.value)
    with pytest.raises(NeedsPersonError, match="refuses this login"), transaction(wrong.storage.warehouse_url):
        pass
    with web_server() as hooks:
        alerts = Alerts(webhook=Webhook(url=f"http://{HOST}:{hooks.port}/"))
        tell_if_late(PLAN_DATE, wrong.model_copy(update={"alerts": alerts}), own_lake)
    (posted,) = map(json.loads, hooks.messages)
    for words in (f"no plan of {PLAN_DATE} by", "refuses this login", "storage.warehouse_url", "leadline doctor"):
        assert words in posted["text"]
    assert "not-to-be-shown" not in posted["text"]
    with connected(warehouse_url(enterprise.storage)) as connection:
        current = connection.execute("SELECT version FROM plan_version WHERE status = 'current'").fetchall()
    assert current == [(good.version,)]


def test_a_server_that_does_not_answer_is_tried_again(enterprise: Enterprise, own_lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnreachableError, match=r"127\.0\.0\.1:1/.*cannot be used just now.*stays current"):
        publish_night(PLAN_DATE, with_wrong(enterprise, "port"), own_lake)
