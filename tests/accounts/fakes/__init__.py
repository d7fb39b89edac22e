"""Networks of our own on loopback, one a module, that answer as the real ones do.

FAKES names each, so that tests of every network (signs, faults, attackers) find them all.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import pytest

from tests.accounts.fakes.base import Fake

# Network -> "module:class" below tests.accounts.fakes.
FAKES: dict[str, str] = {
    "mastodon": "mastodon:FakeMastodon",
    "bluesky": "bluesky:FakeBluesky",
    "facebook": "facebook:FakeFacebook",
    "instagram": "instagram:FakeInstagram",
    "threads": "threads:FakeThreads",
    "github": "github:FakeGitHub",
    "reddit": "reddit:FakeReddit",
    "tiktok": "tiktok:FakeTikTok",
    "youtube": "youtube:FakeYouTube",
    "linkedin": "linkedin:FakeLinkedIn",
    "x": "x:FakeX",
}


def each(networks: Iterable[str] = FAKES) -> list[Any]:
    """Return networks as parameters: all on SQLite, and the first on PostgreSQL too.

    What is written of a network is written by the same code, whichever it is.
    """
    first, *others = networks
    return [first, *(pytest.param(other, marks=pytest.mark.one_engine) for other in others)]


def fake_of(network: str) -> type[Fake]:
    """Return the class of a network's fake."""
    module, _, name = FAKES[network].partition(":")
    found: type[Fake] = getattr(import_module(f"tests.accounts.fakes.{module}"), name)
    return found
