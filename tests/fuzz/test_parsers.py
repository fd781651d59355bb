"""No parser falls over whatever bytes it is given: the corpus and finds replayed, arbitrary bytes, and good files mutated."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import mutation
from tests.fuzz.parsers import PARSERS, seeds_of

SLOW = {"queue_log", "queue_log_scan", "contact_records"}
"""Each look of theirs starts a database engine."""


@pytest.mark.parametrize("parser", PARSERS)
def test_the_corpus_and_all_that_fuzzing_found_is_stood(parser: str) -> None:
    seeds = seeds_of(parser, longest=20_000)
    assert seeds, "there is something to begin with"
    for seed in seeds[:: 3 if parser in SLOW else 1]:
        PARSERS[parser](seed)


@st.composite
def mutated(draw: st.DrawFn, parser: str) -> bytes:
    """A file of the corpus with some stretches cut out, doubled, swapped for odd bytes or for a stretch of another file."""
    seeds = [seed for seed in seeds_of(parser) if len(seed) < 4000]
    content = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.integers(0, 40)))
        other = draw(st.sampled_from(seeds))
        odd = [
            b"",
            content[begin:end] * 2,
            b"\x00",
            b"\xff\xfe",
            b"\r",
            b"\n",
            b'"',
            b"\\ud800",
            b"9" * 30,
            b"-1",
            b"nan",
            b"1e9",
        ]
        content = content[:begin] + draw(st.sampled_from([*odd, other[begin:end]])) + content[end:]
    return content


@st.composite
def changed_in_form(draw: st.DrawFn, parser: str) -> bytes:
    """A file of the corpus with other lines, fields, members, column types."""
    seeds = [seed for seed in seeds_of(parser) if len(seed) < 8000]
    return mutation(draw(st.sampled_from(seeds)), random.Random(draw(st.integers(0, 1 << 32))), seeds)  # noqa: S311 - no secret


@pytest.mark.parametrize("parser", PARSERS)
def test_arbitrary_and_mutated_bytes_give_rows_that_add_up_or_an_error_in_words(parser: str) -> None:
    @settings(
        max_examples=15 if parser in SLOW else 40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(st.binary(max_size=300), mutated(parser), changed_in_form(parser)))
    def stands(content: bytes) -> None:
        PARSERS[parser](content)

    stands()


def test_every_parser_has_its_fuzzer() -> None:
    scripts = {path.stem.removeprefix("fuzz_") for path in Path(__file__).parent.glob("fuzz_*.py")}
    assert scripts == set(PARSERS)
