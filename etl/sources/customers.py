"""Customer ids on their way into core: hashed where the settings say, and never again those of a customer who was forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pyarrow as pa

from enterprise.errors import NeedsPersonError
from enterprise.privacy import Privacy, hashed, is_hashed, stand_in
from etl.sources.state import is_kept, keep_state, read_state
from warehouse.lake import Lake
from warehouse.tables.columns import CUSTOMER_ID
from warehouse.tables.declaration import Table

logger = logging.getLogger(__name__)
_STATE = "customers"
_FORGOTTEN = "forgotten"


class Customers:
    """How customers are named in core.

    Args:
        lake: where it is noted how core names them, and which are forgotten.
        privacy: the settings.
        check: what rows pass before they are written.
    """

    def __init__(self, lake: Lake, privacy: Privacy, check: Callable[[Table, pa.Table], pa.Table]) -> None:
        self._lake, self._privacy, self._check = lake, privacy, check
        forgotten = read_state(lake, _FORGOTTEN).get("customers", [])
        self._forgotten = {str(one["customer_hash"]) for one in forgotten} if isinstance(forgotten, list) else set()
        if self._forgotten and not privacy.key.get_secret_value():
            raise NeedsPersonError(
                "customers were forgotten, and [privacy] has no key any more: they would come back with the next file that names "
                "them. Give the key back that was in force then (LEADLINE_CUSTOMER_KEY)"
            )

    def still_done(self, done: dict[str, object], conformed: str) -> dict[str, object]:
        """Which nights core may stay as it is made of: all, or none where customers are to be named otherwise from now on.

        Raises:
            NeedsPersonError: if the key is another one under the same name: joins over the nights would fail silently.
        """
        before = read_state(self._lake, _STATE)
        if not is_kept(self._lake, conformed) or before.get("fingerprint", "") == self._privacy.fingerprint:
            return done
        if before.get("fingerprint") and self._privacy.hashes and before.get("key_name") == self._privacy.key_name:
            raise NeedsPersonError(
                f"privacy.key is another one than core was hashed with under the name {self._privacy.key_name!r}: the same "
                "customer would have two ids. Give the former key back, or, if it is meant, another key_name: core is then made "
                "anew of what was staged"
            )
        logger.warning("Customers are named otherwise than before (privacy.customer_ids or key_name): core is made anew")
        return {}

    def keep(self) -> None:
        """Note how core names customers now; written last."""
        keep_state(self._lake, _STATE, {"fingerprint": self._privacy.fingerprint, "key_name": self._privacy.key_name})

    def passed(self, table: Table, rows: pa.Table) -> pa.Table:
        """Rows as they may be written: with customers named as the settings say."""
        if CUSTOMER_ID.name in rows.column_names and (self._privacy.hashes or self._forgotten):
            place = rows.column_names.index(CUSTOMER_ID.name)
            ids = rows.column(place).combine_chunks().dictionary_encode()
            names = pa.array([None if name is None else self._named(name) for name in ids.dictionary.to_pylist()], pa.string())
            rows = rows.set_column(place, rows.schema.field(place), names.take(ids.indices))
        return self._check(table, rows)

    def _named(self, customer_id: str) -> str:
        key = self._privacy.key_bytes
        own = customer_id if is_hashed(customer_id) else hashed(customer_id, key)
        if own in self._forgotten and own != customer_id:
            customer_id = stand_in(customer_id, key)
        return hashed(customer_id, key) if self._privacy.hashes and not is_hashed(customer_id) else customer_id
