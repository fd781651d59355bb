"""Tall least squares in blocks: the same digits on every machine, and no waiting for threads.

A linear-algebra library spreads a product over all cores as soon as it is a little large; thousands of small fits then wait for
threads more than they compute (25 times slower on a busy machine), and the order of summation depends on the number of cores.
Blocks of 128 rows stay below that size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import FloatArray

BLOCK_ROWS = 128
_TILE_ROWS, _TILE_SIDE = 16, 128
"""A product of 16 x 128 by 128 x 128 is the largest that OpenBLAS still leaves to one thread."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """A tall matrix cut into blocks of rows, the last one padded with zeros.

    Attributes:
        rows: number of true rows.
        blocks: blocks x rows of a block x columns.
    """

    rows: int
    blocks: FloatArray

    def times(self, coefficients: FloatArray) -> FloatArray:
        """Matrix times vector, one number per row.

        Example:
            >>> in_blocks(np.array([[1.0, 2.0], [3.0, 4.0]])).times(np.array([10.0, 1.0]))
            array([12., 34.])
        """
        product = np.matmul(self.blocks, coefficients[:, None])[..., 0]
        return np.asarray(product.reshape(-1)[: self.rows], dtype=np.float64)

    def normal_equations(self, weight: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted Gram matrix and weighted cross products with a target.

        Example:
            >>> gram, cross = in_blocks(np.array([[1.0, 2.0], [3.0, 4.0]])).normal_equations(np.ones(2), np.ones(2))
            >>> gram.tolist(), cross.tolist()
            ([[10.0, 14.0], [14.0, 20.0]], [4.0, 6.0])
        """
        weighted = self.blocks * self._cut(weight)[..., None]
        gram = np.matmul(weighted.transpose(0, 2, 1), self.blocks).sum(axis=0)
        cross = np.matmul(weighted.transpose(0, 2, 1), self._cut(target)[..., None])[..., 0].sum(axis=0)
        return gram, cross

    def _cut(self, values: FloatArray) -> FloatArray:
        padded = np.zeros(self.blocks.shape[0] * BLOCK_ROWS)
        padded[: self.rows] = values
        return padded.reshape(self.blocks.shape[0], BLOCK_ROWS)


class Tiles:
    """A matrix cut into tiles, by which matrices of any number of rows are multiplied, each row as if it were alone.

    Example:
        >>> Tiles(np.array([[1.0, 2.0], [3.0, 4.0]])).after(np.array([[1.0, 10.0]]))
        array([[31., 42.]])
    """

    def __init__(self, matrix: FloatArray) -> None:
        """Cut a matrix, shape (inner, columns)."""
        inner, self._columns = matrix.shape
        down, across = -(-inner // _TILE_SIDE), -(-self._columns // _TILE_SIDE)
        padded = np.zeros((down * _TILE_SIDE, across * _TILE_SIDE))
        padded[:inner, : self._columns] = matrix
        self._tiles = np.ascontiguousarray(padded.reshape(down, _TILE_SIDE, across, _TILE_SIDE).swapaxes(1, 2))

    def after(self, left: FloatArray) -> FloatArray:
        """`left @ matrix`, shape (rows of left, columns)."""
        rows, inner = left.shape
        down, across = self._tiles.shape[:2]
        count = max(-(-rows // _TILE_ROWS), 1)
        padded = np.zeros((count * _TILE_ROWS, down * _TILE_SIDE))
        padded[:rows, :inner] = left
        cut = padded.reshape(count, _TILE_ROWS, down, _TILE_SIDE).swapaxes(1, 2)
        product = np.zeros((count, across, _TILE_ROWS, _TILE_SIDE))
        for part in range(down):
            product += np.matmul(cut[:, part, None], self._tiles[part])
        whole = product.swapaxes(1, 2).reshape(count * _TILE_ROWS, across * _TILE_SIDE)
        return np.asarray(whole[:rows, : self._columns], dtype=np.float64)


def in_blocks(matrix: FloatArray) -> Blocks:
    """Cut a matrix into blocks of rows."""
    rows, columns = matrix.shape
    count = max(-(-rows // BLOCK_ROWS), 1)
    padded = np.zeros((count * BLOCK_ROWS, columns))
    padded[:rows] = matrix
    return Blocks(rows, padded.reshape(count, BLOCK_ROWS, columns))


def tall_times(tall: FloatArray, small: FloatArray) -> FloatArray:
    """A tall matrix times a small one, in blocks.

    Example:
        >>> tall_times(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0], [1.0]])).tolist()
        [[12.0], [34.0]]
    """
    cut = in_blocks(tall)
    return np.asarray(np.matmul(cut.blocks, small).reshape(-1, small.shape[1])[: cut.rows], dtype=np.float64)


def cross_products(left: FloatArray, right: FloatArray) -> FloatArray:
    """`left.T @ right` of two tall matrices with the same rows, in blocks.

    Example:
        >>> cross_products(np.array([[1.0], [3.0]]), np.array([[2.0], [4.0]])).tolist()
        [[14.0]]
    """
    return np.asarray(np.matmul(in_blocks(left).blocks.transpose(0, 2, 1), in_blocks(right).blocks).sum(axis=0), dtype=np.float64)
