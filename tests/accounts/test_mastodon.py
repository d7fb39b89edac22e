"""Reading a Mastodon server: posts, counts, people, and every way it can go wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.connectors.base import Access, Code, ConnectorError, Interaction, Kind, Reading
from accounts.connectors.mastodon import connector
from tests.accounts.mastodon_server import MastodonServer, Person
from tests.fault_server import Asked, FaultServer, reply


def access_of(server: MastodonServer, person: Person, *scopes: str) -> Access:
    return Access(person.token, person.id, server=server.base, scopes=scopes)


def read(access: Access, *, days: int = 90, said: list[str] | None = None) -> Reading:
    now = timezone.now() + timedelta(seconds=5)
    progress = (said if said is not None else []).append
    return connector.read(
        access, access.account_id, since=now - timedelta(days=days), now=now, progress=progress
    )


def of_kind(reading: Reading, kind: Kind) -> list[Interaction]:
    return [one for one in reading.interactions if one.kind == kind]


def test_a_read_returns_posts_with_counts_and_who_reacted(mastodon: MastodonServer) -> None:
    nora, ada, bob = (mastodon.person(name) for name in ("nora", "ada", "bob"))
    post = mastodon.post(nora, "Maps & <b>more</b>", language="en")
    mastodon.react(ada, post, "favourite")
    mastodon.react(bob, post, "favourite")
    mastodon.react(bob, post, "reblog")
    answer = mastodon.post(ada, f"@{nora.username} thanks", in_reply_to_id=post)
    mastodon.follow(bob, nora)
    said: list[str] = []

    reading = read(access_of(mastodon, nora), said=said)

    (only,) = reading.posts
    assert (only.external_id, only.kind, only.language) == (post, "original", "en")
    assert only.text == "Maps & <b>more</b>"
    assert only.counts[Kind.LIKE] == 2
    assert only.counts[Kind.REPOST] == 1
    assert only.counts[Kind.REPLY] == 1
    host = mastodon.host
    assert {one.actor_id for one in of_kind(reading, Kind.LIKE)} == {
        f"{ada.id}@{host}", f"{bob.id}@{host}",
    }  # fmt: skip
    assert [one.actor_id for one in of_kind(reading, Kind.REPOST)] == [f"{bob.id}@{host}"]
    (reply_,) = of_kind(reading, Kind.REPLY)
    assert (reply_.post_id, reply_.external_id) == (post, answer)
    assert [one.actor_id for one in of_kind(reading, Kind.FOLLOW)] == [f"{bob.id}@{host}"]
    assert reading.followers == 1
    assert reading.limited == ()
    assert said[0] == "Reading your posts, page 1"
