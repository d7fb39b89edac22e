"""People whom a program written for Klout may ask about, and the key it asks with."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.test import Client

from accounts import handles, tokens
from accounts.models import Audience, Profile, Source, User
from scoring import limits
from scoring.models import Actor, Interaction, TopicScore
from tests.scoring.builders import NOW, TODAY, person, post_of, snapshot, source_of

DAY = timedelta(days=1)
PARTS = ("page", "score", "history", "topics", "networks")
ALL = dict.fromkeys(PARTS, Audience.EVERYONE)
NORA_ID, EVE_ID = "100768049884337217", "635263"
NORA_AT_X = "26565946"
SCORES = {0: 50.25, 1: 50.125, 5: 50.0, 7: 49.75, 30: 49.0}  # days ago -> score


def key_of(user: User, *scopes: str) -> str:
    """Return a key, by default one for programs written for Klout."""
    wanted = scopes or (tokens.KLOUT,)
    _row, secret = tokens.make(user, name="Old client", scopes=wanted, days=365, now=NOW)
    return secret


def nora(**shows: Any) -> User:
    """Return somebody with a score of some days, an account at X and two topics, all of it open."""
    user = open_to_all("nora", klout_id=NORA_ID, **shows)
    for ago, score in SCORES.items():
        parts = {"reach": 233.7, "amplification_score": 14.24, "network_score": 42.03}
        snapshot(user, score, day=TODAY - ago * DAY, **parts)
    at_x(user, "Nora_Maps", NORA_AT_X)
    known_for(user, "django", 9.0)
    known_for(user, "music", 5.0)
    return user


def eve(**shows: Any) -> User:
    """Return somebody with a lower score and an account at X, all of it open."""
    user = open_to_all("eve", klout_id=EVE_ID, **shows)
    snapshot(user, 35.61)
    at_x(user, "eve", "11747")
    return user


def open_to_all(name: str, **shows: Any) -> User:
    """Return somebody with a handle who shows everything to everyone, but for what is said."""
    user = person(name)
    handles.take(user, name, now=NOW)
    Profile.objects.create(user=user, **(ALL | shows))
    return user


def at_x(user: User, name: str, external_id: str) -> Source:
    """Return an account at X that counts for a person."""
    url = f"https://x.com/{name}"
    return source_of(user, f"{name} at X", network="x", external_id=external_id, url=url)


def known_for(user: User, slug: str, strength: float) -> None:
    """Let a person be known for a topic."""
    TopicScore.objects.create(
        user=user,
        topic=slug,
        as_of=NOW,
        strength=strength,
        share=0.3,
        posts=4,
        posts_needed=3,
        days=3,
        people=9,
        reactions=20,
        first_post_at=NOW - 20 * DAY,
        last_post_at=NOW - DAY,
        passes=True,
        passed_on=TODAY - 9 * DAY,
    )


def reacts(who: User, to: User, *, times: int = 1, visibility: str = "public") -> None:
    """Let a member like posts of another."""
    source = to.sources.filter(network="x").get()
    actor, _made = Actor.objects.get_or_create(
        key=f"actor of {who.pk}", defaults={"network": "x", "member": who}
    )
    for number in range(times):
        post = post_of(source, f"{who.username} {visibility} {number}")
        post.visibility = visibility
        post.save()
        Interaction.objects.create(
            source=source, post=post, actor=actor, kind="like", external_id=post.external_id,
            at=NOW - DAY,
        )  # fmt: skip


def asked(path: str, key: str = "", **query: str) -> Any:
    """Return the answer to a program that asks for the first time this second."""
    limits.forget()
    return Client().get(path, query | ({"key": key} if key else {}))


def parted(path: str) -> tuple[str, dict[str, str]]:
    """Return an address without its query, and the query."""
    where, _, query = path.partition("?")
    return where, dict(parse_qsl(query))
