"""People who act on each other's posts, with what it brought, as of a time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import Audience, Source, User
from scoring.models import Actor, Interaction, Post, ScoreSnapshot
from tests.scoring.builders import NOW, line, person, snapshot, source_of, with_page

DAY = timedelta(days=1)


def seen(name: str, **shows: str) -> User:
    """Return somebody whose page and linked accounts members see."""
    return with_page(person(name), **({"networks": Audience.MEMBERS} | shows))


def shot_of(user: User, *, now: datetime = NOW) -> ScoreSnapshot:
    """Return the snapshot of a person of that day, made where there is none."""
    found = ScoreSnapshot.objects.filter(user=user, day=now.date()).first()
    return found or snapshot(user, day=now.date(), as_of=now)


def post_by(
    source: Source, title: str, *, at: datetime = NOW - DAY, visibility: str = "public"
) -> Post:
    """Return a post of a time."""
    return Post.objects.create(
        source=source,
        external_id=title,
        created_at=at,
        excerpt=title,
        url="https://social.example/post",
        visibility=visibility,
    )


def acted(post: Post, *people: User | None, kind: str = "like", at: datetime = NOW) -> None:
    """Store that people acted on a post: somebody here, or for None somebody who is not."""
    for number, user in enumerate(people):
        key = f"here{user.pk}" if user else f"{post.pk}{kind}{number}"
        actor, _made = Actor.objects.get_or_create(
            key=key, defaults={"network": post.source.network, "member": user}
        )
        Interaction.objects.create(
            source=post.source, post=post, actor=actor, kind=kind, external_id=key, at=at
        )


def moved(post: Post, points: float, *, now: datetime = NOW, **fields: object) -> None:
    """Store that reactions to a post brought its author points on the day."""
    line(shot_of(post.source.user, now=now), points, source=post.source, post=post, **fields)


def posts_that_moved(source: Source, points: Iterable[float]) -> list[Post]:
    """Return posts a day apart, the newest first, which brought these points."""
    posts = []
    for ago, each in enumerate(points, start=1):
        posts.append(post_by(source, f"Post {ago}", at=NOW - ago * DAY))
        moved(posts[-1], each)
    return posts


def author(name: str = "nora") -> tuple[User, Source]:
    """Return somebody with an account that counts."""
    user = seen(name)
    return user, source_of(user, f"Map Room of {name}")
