"""People with badges and a style, as a rescore leaves them, and posts with reactions to count."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Source, User
from scoring import badges
from scoring.engine import style
from scoring.engine.badges import RULE
from scoring.engine.style import Numbers
from scoring.models import (
    Actor,
    BadgeAward,
    BadgeHere,
    BadgeStanding,
    Interaction,
    Post,
    Style,
    Tally,
)
from tests.scoring.builders import NOW, person, source_of

DAY = timedelta(days=1)
COUNTS: dict[str, int | None] = {
    "people": 312, "likes": 1_904, "comments": 466, "reposts": 96, "reposters": 41, "one-post": 160,
    "topics": 2, "plusk-received": 12, "plusk-given": 7, "newcomers": 1, "networks": 2,
    "history": 96, "early": 1,
}  # fmt: skip
NUMBERS = Numbers(posts=64, own=44, links=6, topical=40, topics=5.2, days=38, weeks=12)


def award(user: User, badge: str, level: int, **fields: Any) -> BadgeAward:
    """Return a level that somebody has: earned a week ago under the rule of today."""
    values: dict[str, Any] = {
        "earned_on": NOW.date() - 7 * DAY,
        "exact": True,
        "old": False,
        "rule": RULE,
        "counted_at": NOW,
    }
    return BadgeAward.objects.create(user=user, badge=badge, level=level, **(values | fields))


def standing(user: User, counts: Mapping[str, int | None] = COUNTS, *, now: datetime = NOW) -> None:
    """Store how far somebody is."""
    BadgeStanding.objects.create(user=user, as_of=now, counts=dict(counts))


def here(*, people: int = 31, population: int = 340) -> None:
    """Store that so many of so many people have each level that anybody has."""
    levels = set(BadgeAward.objects.values_list("badge", "level"))
    BadgeHere.objects.bulk_create(
        BadgeHere(badge=badge, level=level, people=people, population=population)
        for badge, level in levels
    )


def styled(user: User, numbers: Numbers = NUMBERS, *, now: datetime = NOW) -> Style:
    """Store the style of somebody whose posts come to these numbers."""
    place = style.place_of(numbers)
    return Style.objects.create(
        user=user,
        as_of=now,
        kind=place.kind if place else "",
        across=place.across if place else None,
        down=place.down if place else None,
        numbers=asdict(numbers),
    )


def decorate(user: User) -> User:
    """Give somebody badges of all sorts, one of them pinned and one hidden, and a style."""
    now = timezone.now()
    today = now.date()
    earned: list[tuple[str, int, date, bool, bool]] = [
        ("people", 100, today - 80 * DAY, True, True),
        ("likes", 100, today - 90 * DAY, False, True),
        ("likes", 500, today - 60 * DAY, True, True),
        ("likes", 1_000, today - 9 * DAY, True, False),
        ("comments", 100, today - 40 * DAY, True, False),
        ("one-post", 25, today - 90 * DAY, False, True),
        ("one-post", 100, today - 3 * DAY, True, False),
        ("topics", 1, today - 30 * DAY, True, True),
        ("plusk-received", 10, today - 2 * DAY, True, False),
        ("newcomers", 1, today - 12 * DAY, True, False),
        ("networks", 2, today - 20 * DAY, True, False),
        ("history", 30, today - 66 * DAY, True, False),
        ("history", 90, today - 6 * DAY, True, False),
        ("early", 1, today - 97 * DAY, True, False),
    ]
    for badge, level, day, exact, old in earned:
        award(user, badge, level, earned_on=day, exact=exact, old=old, counted_at=now)
    BadgeAward.objects.filter(user=user, badge="comments").update(rule="2025")
    standing(user, now=now)
    here()
    styled(user, now=now)
    badges.pin(user.pk, "newcomers", now=now)
    badges.hide(user.pk, "early", now=now)
    return user


def decorated() -> User:
    """Return such a person."""
    return decorate(person("nora"))


def nearly() -> User:
    """Return somebody without a badge, and with too few posts for a style."""
    nora, now = person("nora"), timezone.now()
    standing(
        nora, {"people": 61, "likes": 44, "comments": None, "topics": 0, "networks": 1}, now=now
    )
    styled(nora, Numbers(9, 8, 1, 3, 1.8, 7, 5), now=now)
    return nora


def reacting(source: Source, kind: str, number: int, *, at: datetime, first: int = 0) -> Post:
    """Store a post with so many reactions by different people, a second apart."""
    post = Post.objects.create(
        source=source, external_id=f"{kind}{at:%m%d%H%M}{first}", created_at=at - DAY
    )
    for who in range(first, first + number):
        actor, _made = Actor.objects.get_or_create(key=f"a{who}", defaults={"network": "sandbox"})
        Interaction.objects.create(
            source=source,
            post=post,
            actor=actor,
            kind=kind,
            external_id=post.external_id,
            at=at + timedelta(seconds=who),
        )
    return post


def told(post: Post, kind: str, number: int, *, seen_at: datetime) -> None:
    """Store how many reactions a network counts at a post."""
    Tally.objects.create(post=post, kind=kind, at=post.created_at, seen_at=seen_at, delta=number)


def chosen(name: str = "nora", *, at: datetime = NOW - 30 * DAY) -> tuple[User, Source]:
    """Return somebody whose account was chosen at a time."""
    nora = person(name)
    return nora, source_of(nora, selected_at=at)
