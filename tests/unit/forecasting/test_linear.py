"""Products that do not depend on what is beside a row, nor on the number of threads."""

import numpy as np
import pytest

from forecasting.linear import Tiles


@pytest.mark.parametrize(("rows", "inner", "columns"), [(1, 1, 1), (5, 128, 128), (40, 334, 630), (17, 129, 35)])
def test_a_product_by_tiles_is_the_product_and_each_row_is_as_if_alone(rows: int, inner: int, columns: int) -> None:
    rng = np.random.default_rng(rows)
    left, right = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    tiles = Tiles(right)
    product = tiles.after(left)
    np.testing.assert_allclose(product, left @ right, rtol=1e-10, atol=1e-10)
    alone = np.vstack([tiles.after(left[[row]]) for row in range(rows)])
    assert alone.tobytes() == product.tobytes()
