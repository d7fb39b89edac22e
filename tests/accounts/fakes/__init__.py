"""Networks of our own on loopback, one a module, that answer as the real ones do.

FAKES names each, so that tests of every network (signs, faults, attackers) find them all.
"""

from importlib import import_module

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


def fake_of(network: str) -> type[Fake]:
    """Return the class of a network's fake."""
    module, _, name = FAKES[network].partition(":")
    found: type[Fake] = getattr(import_module(f"tests.accounts.fakes.{module}"), name)
    return found
