"""Programs that ask: people with everything that can be asked for, and their tokens."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client

from accounts import cases, handles, tokens
from accounts.models import ApiToken, Audience, Profile, User
from perks import claims
from scoring import plusk, topics
from tests.perks import scenes as perks
from tests.scoring import builders, topic_scenes
from tests.scoring.builders import NOW, TODAY

BASE = "/api/v1"
KEY = {"idempotency-key": "made-by-a-test"}
_PARTS = ("page", "score", "history", "topics", "badges", "style", "moments", "networks", "plusk")
ALL = dict.fromkeys(_PARTS, Audience.EVERYONE)


def token_of(user: User, *scopes: str, days: int = 30) -> str:
    """Return a new token of a person, for everything unless said otherwise."""
    every = tuple(scope for scope in tokens.SCOPES if scope != tokens.KLOUT)
    _row, secret = tokens.make(
        user, name="Desk display", scopes=scopes or every, days=days, now=NOW
    )
    return secret


def program(secret: str) -> Client:
    """Return a client that sends a token with everything it asks."""
    return Client(headers={"authorization": f"Bearer {secret}"})


def known(**shows: Any) -> User:
    """Return Nora with a score of some days and its reasons, topics, a link and a handle."""
    nora = topic_scenes.known(now=NOW)
    source = nora.sources.get()
    for ago, score in ((1, 49.9), (7, 49.1), (8, 49.0), (9, None)):
        builders.snapshot(nora, score, day=TODAY - timedelta(days=ago))
    shot = nora.snapshots.get(day=TODAY)
    builders.line(shot, 0.9, source=source, post=source.posts.first(), kind="repost")
    builders.line(shot, -0.4, reason=builders.Reason.FADED, source=source, kind="", count=0)
    builders.line(nora.snapshots.get(day=TODAY - timedelta(days=1)), 0.8, source=source)
    handles.take(nora, "nora", now=NOW)
    Profile.objects.create(user=nora, bio="Maps of harbours", **shows)
    return nora


def member(name: str, **shows: Any) -> User:
    """Return somebody without a score who may be given +K, under a handle of their name."""
    user = builders.person(name)
    handles.take(user, name, now=NOW)
    Profile.objects.create(
        user=user,
        **({"page": Audience.MEMBERS, "topics": Audience.MEMBERS, "findable": True} | shows),
    )
    topics.add(user.pk, "jazz", now=NOW)
    return user


def among_friends() -> tuple[User, User]:
    """Return Nora, who shows everything, and Ahmed; both gave the other +K."""
    nora, ahmed = known(**ALL), member("ahmed")
    plusk.give(giver_id=ahmed.pk, receiver_id=nora.pk, topic="django", because="Talk", now=NOW)
    plusk.give(giver_id=nora.pk, receiver_id=ahmed.pk, topic="jazz", now=NOW)
    return nora, ahmed


def named(nora: User, **other: str) -> dict[str, str]:
    """Return what stands in addresses about somebody, who asked us something and claims a perk."""
    case = cases.open_case(user=nora, text="Why?", report="link 1", now=NOW)
    perk = perks.campaign_of(2)
    held = claims.hold(user_id=nora.pk, campaign_id=perk.pk, key="press", now=NOW)
    return {
        "topic": "django",
        "handle": "ahmed",
        "kind": "badge_earned",
        "link": str(nora.sources.get().pk),
        "case": str(case.pk),
        "perk": perk.slug,
        "claim": str(held.ref),
    } | other


def row_of(secret: str) -> ApiToken:
    """Return the row of a token."""
    row = tokens.find(secret)
    assert row is not None
    return row


def told(client: Client, path: str, status: int = 200) -> Any:
    """Return what an address answers."""
    response = client.get(f"{BASE}{path}")
    assert response.status_code == status, response.content
    return json.loads(response.content)


def problem(response: Any) -> tuple[int, str]:
    """Return status and kind of a problem, which must be whole."""
    body = json.loads(response.content)
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"].endswith(".")
    return response.status_code, body["type"].removeprefix("/api/#")


def give(client: Client, body: object, **headers: str) -> Any:
    """Post +K as a program does."""
    return client.post(
        f"{BASE}/plusk", json.dumps(body), content_type="application/json", headers=headers
    )
