"""Every reference value of staffing is met, and a wrong one would be seen (values: staffing/reference/README.md)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from enterprise.errors import NeedsPersonError
from staffing.files.job import verify_night
from staffing.known_answers import RELATIVE_TOLERANCE, Answer, known_answers, require_known_answers

REFERENCE = Path(__file__).parents[3] / "staffing" / "reference"
CASES = {case["id"]: case for path in sorted(REFERENCE.glob("*.json")) for case in json.loads(path.read_text())["cases"]}
OTHERS = {
    case["id"]: case for path in sorted(Path(__file__).parent.glob("*.json")) for case in json.loads(path.read_text())["cases"]
}


def answers(case: dict[str, Any]) -> list[Answer]:
    return known_answers({"cases": [case]})


@pytest.mark.parametrize("case", (CASES | OTHERS).values(), ids=CASES | OTHERS)
def test_every_published_number_of_the_case_is_found(case: dict[str, Any]) -> None:
    found = answers(case)
    assert found
    assert [answer for answer in found if not answer.matches] == []


def test_all_kinds_of_case_are_there() -> None:
    kinds = {case.get("model") or case.get("kind") or "chat" for case in CASES.values()}
    assert kinds == {
        "erlang_b", "erlang_c", "erlang_a", "mmnk", "mmnk_m", "required_erlang_c", "required_erlang_a", "min_staff",
        "fluid_backlog", "chat",
    }  # fmt: skip
    assert len(CASES) == 55


def spoiled(name: str, *path: Any, by: float) -> list[Answer]:
    case = copy.deepcopy(CASES[name])
    place = case["outputs"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = place[path[-1]] * (1 + by) if isinstance(place[path[-1]], float) else place[path[-1]] + by
    return [answer for answer in answers(case) if not answer.matches]


def test_a_number_that_is_off_by_more_than_a_millionth_is_seen() -> None:
    assert spoiled("erlang_b-001", "block", by=0.5 * RELATIVE_TOLERANCE) == []
    wrong = spoiled("erlang_b-001", "block", by=2 * RELATIVE_TOLERANCE)
    assert [(answer.case, answer.output) for answer in wrong] == [("erlang_b-001", "block")]
    assert wrong[0].relative_error == pytest.approx(2e-6, rel=0.05)


def test_a_whole_number_that_is_off_by_one_is_seen() -> None:
    assert [answer.output for answer in spoiled("chat-10", "M3", "required_agents", by=1)] == ["M3.required_agents"]
    assert [answer.output for answer in spoiled("deferred-01", "due", 2, by=1)] == ["due[2]"]


def test_a_value_where_there_is_none_is_seen() -> None:
    case = copy.deepcopy(next(case for case in CASES.values() if case["outputs"].get("asa_s", 0) is None))
    case["outputs"]["asa_s"] = 12.0
    assert [answer.output for answer in answers(case) if not answer.matches] == ["asa_s"]


def test_the_night_goes_on_with_right_answers_and_stops_with_one_wrong_whole_number() -> None:
    verify_night()
    case = copy.deepcopy(CASES["chat-10"])
    case["outputs"]["M3"]["required_agents"] += 1
    with pytest.raises(NeedsPersonError, match=r"1 of \d+ known answers wrong \(chat-10 M3.required_agents: \d+ for \d+\)"):
        require_known_answers(answers(case))


def test_a_list_of_another_length_is_seen() -> None:
    case = copy.deepcopy(CASES["deferred-01"])
    case["outputs"]["due"].append(None)
    assert [answer.output for answer in answers(case) if not answer.matches] == ["due (length)"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], 'a list "cases"'),
        ({"cases": []}, "at least one case"),
        ({"cases": [1]}, "case case 1 is not of the form"),
        ({"cases": [{"id": "x", "model": "erlang_z", "inputs": {}, "outputs": {}}]}, "case x: model 'erlang_z' is not known"),
        ({"cases": [{"id": "x", "kind": "magic", "inputs": {}, "outputs": {}}]}, "case x: kind 'magic' is not known"),
        ({"cases": [{"id": "x", "model": "erlang_b", "inputs": {"calls": 1}, "outputs": {}}]}, "case x: 'interval_s' is missing"),
        ({"cases": [{**CASES["erlang_b-001"], "outputs": {"blocked": 1.0}}]}, "case erlang_b-001: 'blocked' is missing or not"),
        (
            {"cases": [{**CASES["erlang_b-001"], "inputs": {**CASES["erlang_b-001"]["inputs"], "calls": -1}}]},
            "case erlang_b-001: offered_contacts is -1",
        ),
    ],
)
def test_what_is_no_case_is_said_so(document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        known_answers(document)
