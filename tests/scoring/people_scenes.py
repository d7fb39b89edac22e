"""People who act on each other's posts, with what it brought, as of a time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Audience, Source, User
from scoring.models import Actor, Interaction, Post, ScoreSnapshot, Tally
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
            source=post.source,
            post=post,
            actor=actor,
            kind=kind,
            external_id=f"{post.pk}{key}",
            at=at,
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


def posted_daily(source: Source, days: int, *, now: datetime, morning: int, evening: int) -> None:
    """Store a post at 7 and one at 19 o'clock UTC of each of so many days, with these likes."""
    for ago in range(3, days + 3):
        for hour, likes in ((7, morning), (19, evening)):
            at = (now - ago * DAY).replace(hour=hour, minute=0)
            post = post_by(source, f"{at:%m%d%H}", at=at)
            Tally.objects.create(post=post, kind="like", at=at, seen_at=at, delta=likes + ago % 3)


def moved_each_other() -> User:
    """Return somebody whom people here and elsewhere moved, and who moved one of them."""
    now = timezone.now()
    everything = {"score": Audience.MEMBERS, "history": Audience.MEMBERS}
    nora, ada = seen("nora", **everything), seen("ada", **everything)
    for author_, reader in ((nora, ada), (ada, nora)):
        source = source_of(author_, f"Map Room of {author_.username}")
        post = post_by(source, "A talk about maps", at=now - DAY)
        acted(post, reader, None, None, at=now)
        moved(post, 0.9, now=now)
    return nora


def heard_in_the_morning() -> User:
    """Return somebody whose posts of the morning are answered more than those of the evening."""
    nora, source = author()
    posted_daily(source, 40, now=timezone.now(), morning=9, evening=2)
    return nora


def among_scores() -> User:
    """Return somebody among a dozen who show their score and how it went in a week."""
    yesterday = timezone.now().date() - DAY
    everything = {"score": Audience.MEMBERS, "history": Audience.MEMBERS}
    nora = seen("nora", **everything)
    others = [seen(f"person{at}", **everything) for at in range(11)]
    for at, user in enumerate([nora, *others]):
        snapshot(user, 61.0 - 3 * at, day=yesterday)
        snapshot(user, 60.4 - 3 * at, day=yesterday - 7 * DAY)
    return nora
