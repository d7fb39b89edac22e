"""Builders of linked sources and of what a network says about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount

from accounts.connectors.base import Interaction, Kind, Post, Reading
from accounts.models import Grant, Source, User

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def linked(name: str = "ada", *, page: str = "", read_at: datetime | None = NOW) -> Source:
    """Return a selected source of a new person, linked through the sandbox and read just now."""
    user = User.objects.create_user(username=name)
    account = SocialAccount.objects.create(user=user, provider="sandbox", uid=name)
    grant = Grant(account=account, issued_at=NOW)
    grant.seal(token=f"token-of-{name}")
    grant.save()
    return Source.objects.create(
        user=user,
        grant=grant,
        network="sandbox",
        external_id=page or name,
        kind="page" if page else "profile",
        title=page or name.capitalize(),
        selected=True,
        selected_at=NOW,
        read_at=read_at,
        complete_since=NOW - timedelta(days=180),
    )


def archive_of(user: User, name: str = "posts") -> Source:
    """Return a selected archive of the person."""
    return Source.objects.create(
        user=user,
        network="csv",
        external_id=f"{user.pk}:{name}",
        kind="archive",
        title=name,
        selected=True,
        read_at=NOW,
        complete_since=NOW - timedelta(days=400),
    )


def post(number: int = 1, *, days_ago: float = 1, **counts: int | None) -> Post:
    """Return post `number`, e.g. `post(3, days_ago=2, like=10, reply=None)`."""
    return Post(
        external_id=f"p{number}",
        created_at=NOW - timedelta(days=days_ago),
        text=f"Post number {number} about paper maps",
        url=f"https://social.example/p{number}",
        counts={Kind(kind): count for kind, count in counts.items()},
    )


def act(
    actor: str,
    kind: Kind = Kind.LIKE,
    *,
    on: int | None = 1,
    days_ago: float = 0.5,
    **more: Any,
) -> Interaction:
    """Return something `actor` did about post `on` (None: about the account)."""
    return Interaction(
        actor_id=actor,
        kind=kind,
        at=NOW - timedelta(days=days_ago),
        post_id="" if on is None else f"p{on}",
        **more,
    )


def reading(*posts: Post, acts: tuple[Interaction, ...] = (), days: float = 180) -> Reading:
    """Return a complete reading of the last `days`."""
    return Reading(since=NOW - timedelta(days=days), posts=posts, interactions=acts)


def busy(people: int = 30, posts: int = 8) -> Reading:
    """Return a reading with enough for a score: every person likes one post, a third repost it."""
    acts = [
        act(f"someone{n}", Kind.LIKE, on=n % posts, days_ago=1 + n % 7, actor_followers=50 * n)
        for n in range(people)
    ]
    acts += [
        act(f"someone{n}", Kind.REPOST, on=n % posts, days_ago=n % 5) for n in range(0, people, 3)
    ]
    return reading(*(post(n, days_ago=10 + n, like=40) for n in range(posts)), acts=tuple(acts))
