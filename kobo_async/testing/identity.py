"""Identifiers that look random and come from a seed."""

from __future__ import annotations

import random
from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BITS = 122
_SPACE = 1 << _BITS


def make_uid(chance: random.Random, prefix: str) -> str:
    """Return a uid as KPI makes them: a prefix and 21 characters (api-facts §4.2)."""
    return prefix + "".join(chance.choices(ALPHABET, k=21))


class UuidSequence:
    """Version 4 uuids computed from numbers, and the numbers back from the uuids.

    A multiplication modulo 2^122 is a permutation, so that 400,000 rows need no index.
    """

    def __init__(self, chance: random.Random) -> None:
        self._factor = chance.getrandbits(_BITS) | 1
        self._offset = chance.getrandbits(_BITS)
        self._inverse = pow(self._factor, -1, _SPACE)

    def text(self, number: int) -> str:
        """Return the uuid of a number."""
        bits = (number * self._factor + self._offset) % _SPACE
        high, low = bits >> 62, bits & ((1 << 62) - 1)
        top, bottom = high >> 12, high & 0xFFF
        digits = f"{(top << 16) | 0x4000 | bottom:016x}{(0b10 << 62) | low:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def number(self, text: str) -> int | None:
        """Return the number a uuid was made from; a foreign uuid gives a number nobody has."""
        try:
            value = UUID(text).int
        except ValueError:
            return None
        top = value >> 80
        bottom = (value >> 64) & 0xFFF
        bits = (((top << 12) | bottom) << 62) | (value & ((1 << 62) - 1))
        return ((bits - self._offset) * self._inverse) % _SPACE
