"""How customers are named in what Leadline keeps: as the source names them, or by a keyed hash; and how they are forgotten."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal, Self

from pydantic import SecretStr, model_validator

from enterprise.model import Settings

SHORTEST_KEY = 32
HASH_MARK = "~"
"""A hashed id begins with it; 32 hexadecimal digits follow."""
_DIGEST_BYTES = 16
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Privacy(Settings):
    """What is kept of customers."""

    customer_ids: Literal["as_named", "hashed"] = "as_named"
    """`hashed`: core and all that is made of it hold keyed hashes (BLAKE2b) of them; who has no key cannot try ids out."""
    key: SecretStr = SecretStr("")
    """The secret of the hash, from the environment; also what keeps a customer forgotten without keeping the id."""
    key_name: str = "1"
    """Name of the key. Another key wants another name: core is then made anew of what was staged."""

    @model_validator(mode="after")
    def _a_key_that_cannot_be_guessed(self) -> Self:
        length = len(self.key.get_secret_value())
        if self.customer_ids == "hashed" and not length:
            raise ValueError('customer_ids = "hashed" needs a key: write key = "${LEADLINE_CUSTOMER_KEY}" and set that variable')
        if 0 < length < SHORTEST_KEY:
            raise ValueError(f"key has {length} characters, at least {SHORTEST_KEY} are needed: openssl rand -hex 32")
        return self

    @property
    def hashes(self) -> bool:
        """Whether core holds hashes."""
        return self.customer_ids == "hashed"

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without saying either; empty where ids are kept as named."""
        return hashed("leadline", self.key_bytes) if self.hashes else ""

    @property
    def key_bytes(self) -> bytes:
        """The key as hashes take it."""
        return hashlib.sha256(self.key.get_secret_value().encode()).digest()


def hashed(customer_id: str, key: bytes) -> str:
    """The keyed hash that stands for a customer: the same id has the same hash, and without the key nobody can tell the id.

    Example:
        >>> hashed("C-1001", b"k" * 32) == hashed("C-1001", b"k" * 32) != hashed("C-1001", b"l" * 32)
        True
        >>> hashed("C-1001", b"k" * 32)[0], len(hashed("C-1001", b"k" * 32))
        ('~', 33)

    Source: RFC 7693 (BLAKE2, keyed).
    """
    return HASH_MARK + hashlib.blake2b(customer_id.encode(), digest_size=_DIGEST_BYTES, key=key).hexdigest()


def is_hashed(customer_id: str) -> bool:
    """Whether it is a hash already."""
    digits = customer_id.removeprefix(HASH_MARK)
    return customer_id[:1] == HASH_MARK and len(digits) == 2 * _DIGEST_BYTES and set(digits) <= set("0123456789abcdef")


def stand_in(customer_id: str, key: bytes) -> str:
    """What is written in the place of a forgotten customer: as long in bytes, digits for digits, letters for letters.

    Files and rows keep their form, so that every count stays what it was; nobody can tell the customer from it.

    Example:
        >>> made = stand_in("anna.berg7@example.org", b"k" * 32)
        >>> len(made), made[4], made[9].isdigit(), made[10], made != "anna.berg7@example.org"
        (22, '.', True, '@', True)
    """
    stream = iter(hmac.new(key, b"forgotten:" + customer_id.encode() + count.to_bytes(2, "big"), "sha256").digest()[0]
                  for count in range(len(customer_id)))  # fmt: skip
    return "".join(_like(letter, number) for letter, number in zip(customer_id, stream, strict=True))


def _like(letter: str, number: int) -> str:
    if letter.isdigit():
        return str(number % 10)
    if letter.isascii() and letter.isalpha():
        other = _LETTERS[number % len(_LETTERS)]
        return other.upper() if letter.isupper() else other
    return letter if letter.isascii() else "x" * len(letter.encode())
