"""Key index: it names every batch that holds a key, whatever the batches were put together to."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.key_index import Hashes, blocks, holders, joined, parts_of, single

batches = st.lists(st.lists(st.integers(0, 60), max_size=6), max_size=40)


def block_of(keys: list[list[int]], block: range) -> Hashes:
    parts = parts_of(block)
    if not parts:
        return single(np.array(keys[block.start], dtype=np.uint64))
    return joined([block_of(keys, part) for part in parts], [len(part) for part in parts])


@settings(deadline=None)
@given(batches, st.lists(st.integers(0, 60), max_size=5), st.sampled_from([20, 1000]))
def test_the_batches_found_are_those_that_hold_a_key(keys: list[list[int]], wanted: list[int], most_rows: int) -> None:
    sought = np.array(sorted(wanted), dtype=np.uint64)
    found = {
        block.start + place
        for block in blocks([len(batch) for batch in keys], most_rows)
        for place in holders(block_of(keys, block), sought)
    }
    assert found == {place for place, batch in enumerate(keys) if set(batch) & set(wanted)}


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), max_size=600), st.integers(1, 500))
def test_every_batch_is_in_one_block_and_one_more_batch_changes_no_large_block(rows: list[int], most_rows: int) -> None:
    before = list(blocks(rows, most_rows))
    assert [place for block in before for place in block] == list(range(len(rows)))
    after = list(blocks([*rows, 1], most_rows))
    large = [block for block in before if len(block) == 256]
    assert [block for block in after if len(block) == 256][: len(large)] == large


def test_a_thousand_nights_are_looked_up_in_a_few_arrays() -> None:
    assert len(list(blocks([1000] * 1000, 10**9))) <= 3 + 15 + 15
