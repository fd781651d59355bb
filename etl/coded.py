"""Text columns as numbers, so that compiled loops can follow them (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_NO_NAME = -2


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as codes: -1 where it is missing."""

    codes: npt.NDArray[np.int32]
    names: pa.Array

    def code_of(self, name: str) -> int:
        """Code of a name; -2 if it does not occur."""
        return int(pc.index(self.names, pa.scalar(name, pa.string())).as_py()) if name in self.names.to_pylist() else _NO_NAME

    def texts(self, rows: npt.NDArray[np.int64]) -> pa.Array:
        """The texts of some rows; row -1 has none."""
        if not len(self.codes):
            return pa.nulls(len(rows), pa.string())
        codes = np.where(rows >= 0, self.codes[rows], -1)
        return self.names.take(pa.array(codes, mask=codes < 0))

    def ranks(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Numbers that put some rows, none without a text, into the order of their texts."""
        occurring = np.zeros(len(self.names), np.bool_)
        occurring[self.codes[rows]] = True
        codes = np.flatnonzero(occurring)  # only these are sorted: texts are slow to compare
        rank = np.empty(len(self.names), np.int64)
        rank[codes[np.asarray(pc.array_sort_indices(self.names.take(pa.array(codes))))]] = np.arange(len(codes))
        return rank[self.codes[rows]]

    def beside(self, before: pa.ChunkedArray, after: pa.ChunkedArray) -> Coded:
        """The same with a few more texts before and behind."""
        more = coded(pa.chunked_array([*before.chunks, *after.chunks], before.type))
        known = pc.index_in(self.names, value_set=more.names)  # the many are looked up among the few
        codes_of = np.full(len(more.names) + 1, -1, np.int32)  # a missing text is the last one's
        codes_of[np.asarray(known.drop_null())] = np.flatnonzero(np.asarray(known.is_valid()))
        unknown = np.flatnonzero(codes_of[:-1] < 0)
        codes_of[unknown] = len(self.names) + np.arange(len(unknown))
        codes = codes_of[more.codes]
        names = pa.concat_arrays([self.names, more.names.take(pa.array(unknown))])
        return Coded(np.concatenate([codes[: len(before)], self.codes, codes[len(before) :]]), names)


def coded(column: pa.ChunkedArray) -> Coded:
    """A text column as codes, with "" as a missing text; each piece's words are looked at once where it has words of its own."""
    chunks = (column if pa.types.is_dictionary(column.type) else column.dictionary_encode()).chunks
    words = pa.concat_arrays([pa.array([], pa.string()), *(chunk.dictionary for chunk in chunks)]).dictionary_encode()
    numbers = np.asarray(words.indices)
    nothing = pc.index(words.dictionary, "").as_py()
    if nothing >= 0:
        numbers = np.where(numbers == nothing, np.int32(-1), numbers)
    codes = np.empty(len(column), np.int32)
    row, word = 0, 0
    for chunk in chunks:
        own = np.append(numbers[word : word + len(chunk.dictionary)], np.int32(-1))  # a missing text is the last one's
        np.take(own, np.asarray(chunk.indices.fill_null(-1)), out=codes[row : row + len(chunk)], mode="wrap")
        row += len(chunk)
        word += len(chunk.dictionary)
    return Coded(codes, words.dictionary)
