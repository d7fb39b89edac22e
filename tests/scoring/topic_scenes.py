"""People who are known for something, with the posts and reactions that led there.

What posts are about is written down here, and the rest is worked out by the rescore itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Audience, Source, User
from scoring import topics
from scoring.models import Actor, Interaction, Post, PostTopic, Tally, TopicScore
from tests.scoring.builders import person, snapshot, source_of, with_page

DAY = timedelta(days=1)
# Posts by what they are about, and the word of each that says so.
SAID = {
    "django": (
        (
            "How a queryset becomes one query, and the three ways in which it becomes forty",
            "queryset",
        ),
        ("Our migrations ran for six minutes. Now makemigrations writes four", "makemigrations"),
        ("Slides of the talk at DjangoCon: forms that work without JavaScript", "djangocon"),
        ("Class-based views are fine. Our Django admin was not", "django admin"),
    ),
    "css": (
        ("Container queries let a card decide for itself how wide it is", "container queries"),
        ("CSS grid for a timetable of trains, read on a phone on the train", "css grid"),
        ("A stylesheet of eight kilobytes and what is not in it", "wording"),
    ),
    "maps-and-gis": (
        ("The harbour of Lisbon as cartography saw it in 1598", "cartography"),
        ("Every tram stop is in OpenStreetMap now", "openstreetmap"),
    ),
}
NAMES = (
    "Amara", "Ahmed", "Jun", "Sofia", "Mateo", "Ingrid", "Tunde", "Wei", "Camille", "Rosa", "Piotr",
    "Leila", "Hana",
)  # fmt: skip


def said(
    source: Source,
    slug: str,
    texts: Sequence[tuple[str, str]],
    *,
    now: datetime,
    people: int = 6,
    counted: int = 0,
    named: str = "",
) -> list[Post]:
    """Store posts about a topic, one a day, each liked by `people` known and `counted` strangers.

    The first post has the most; each has one known person fewer than the one before, at least one.
    Their ids begin with `named`, or with the topic.
    """
    posts = []
    for ago, (text, because) in enumerate(texts):
        at = now - (2 + ago) * DAY
        post = Post.objects.create(
            source=source,
            external_id=f"{named or slug}{ago}",
            created_at=at,
            excerpt=text,
            url=f"https://social.example/{slug}/{ago}",
        )
        PostTopic.objects.create(post=post, topic=slug, share=1.0, because=because)
        for number in range(max(1, people - ago)):
            _liked(post, f"{slug}:{number}", at + timedelta(hours=1 + number))
        if counted:
            Tally.objects.create(post=post, kind="reply", at=at, seen_at=now, delta=counted)
        posts.append(post)
    return posts


def _liked(post: Post, who: str, at: datetime) -> None:
    actor, _ = Actor.objects.get_or_create(
        key=f"{post.source_id}:{who}", defaults={"network": "sandbox", "followers": 900}
    )
    Interaction.objects.create(
        source=post.source, post=post, actor=actor, kind="like", external_id=post.external_id, at=at
    )


def known(name: str = "nora", *, now: datetime | None = None) -> User:
    """Return somebody known for Django and CSS; maps are on their way."""
    now = now or timezone.now()
    nora = person(name)
    source = source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    snapshot(nora, 50.4, day=now.date(), as_of=now)
    speak(source, now=now)
    return nora


def speak(source: Source, *, now: datetime) -> None:
    """Store these posts of somebody who has a score, and work out what they are known for."""
    said(source, "django", SAID["django"], now=now, people=9, counted=12)
    said(source, "css", SAID["css"], now=now, counted=6)
    said(source, "maps-and-gis", SAID["maps-and-gis"], now=now, people=3)
    topics.rescore(source.user_id)


def settled() -> User:
    """Return such a person who ordered, marked, added and hid, and of whom one is told no more."""
    nora, now = known(), timezone.now()
    TopicScore.objects.filter(user=nora, topic="python").update(left_on=now.date())
    topics.add(nora.pk, "cycling", now=now)
    topics.set_kind(nora.pk, "css", "expertise", now=now)
    topics.hide(nora.pk, "web-development", now=now)
    topics.hide(nora.pk, "golf", now=now)
    return nora


def nothing_said() -> User:
    """Return somebody with a score and no post about anything that we know."""
    now = timezone.now()
    nora = person("nora")
    source_of(nora, "Map Room Lisbon", read_at=now, tried_at=now)
    snapshot(nora, 42.3, day=now.date(), as_of=now)
    return nora


def crowd(slug: str, *, named: int, unnamed: int = 0, now: datetime | None = None) -> list[User]:
    """Return people who are known for a topic, each a little less than the one before.

    The first `named` show it to members, and their +K. Places are given to all.
    """
    now = now or timezone.now()
    people = []
    for number in range(named + unnamed):
        each = person(NAMES[number].lower())
        TopicScore.objects.create(
            user=each,
            topic=slug,
            as_of=now,
            strength=40.0 - number,
            share=0.4,
            posts=5,
            posts_needed=3,
            days=4,
            people=30 - number,
            reactions=44,
            first_post_at=now - 40 * DAY,
            last_post_at=now - DAY,
            passes=True,
            passed_on=now.date() - (number + 1) * 7 * DAY,
        )
        if number < named:
            with_page(each, plusk=Audience.MEMBERS)
        people.append(each)
    topics.rank(now=now, hold=lambda: None)
    return people
