"""A draw that anybody can do again: the same seed and the same list give the same order.

Before the first entry the SHA-256 of the seed is published; after the last one the seed is, with
the list of entries under random names. The order is that of the SHA-256 of "<seed>:<name>", lowest
first. The seed was fixed before any name was, and names are random numbers of ours, so that neither
who enters nor who runs the campaign in the pages can choose who wins.
"""

import hashlib
import secrets
from collections.abc import Iterable


def new_seed() -> str:
    """Return a seed of 256 random bits, in hexadecimal."""
    return secrets.token_hex(32)


def commitment(seed: str) -> str:
    """Return what is published before the draw: the SHA-256 of the seed, in hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def new_name() -> str:
    """Return a random name for an entry, of 128 bits."""
    return secrets.token_hex(16)


def order(seed: str, names: Iterable[str]) -> list[str]:
    """Return the names in the order of the draw: who is first wins first."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
