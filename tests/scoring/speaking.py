"""People whose posts are about something: builders of evidence with topics."""

from collections.abc import Sequence
from datetime import datetime

from accounts.connectors.base import Interaction
from accounts.models import Source, User
from scoring import pipeline, topics
from scoring.ingest import ingest
from scoring.models import Post, PostTopic, TopicChoice, TopicScore
from tests.scoring.readings import NOW, act, linked, post, reading

WEB, PHOTOS, TECHNOLOGY = "web-development", "photography", "technology"


def acts_on(number: int, people: int, *, days_ago: float = 0.5) -> list[Interaction]:
    """Return likes of a post by so many people, the same for every post."""
    return [act(f"someone{n}", on=number, days_ago=days_ago) for n in range(people)]


def posting(source: Source, about: Sequence[str], *, people: int = 6) -> list[Post]:
    """Ingest a post a day, each about its topic ("" for none), liked by `people`; return them."""
    numbers = range(1, 1 + len(about))
    ingest(
        source=source,
        reading=reading(
            *(post(number, days_ago=number) for number in numbers),
            acts=tuple(one for number in numbers for one in acts_on(number, people)),
            days=180,
        ),
        now=NOW,
    )
    posts = [Post.objects.get(source=source, external_id=f"p{number}") for number in numbers]
    PostTopic.objects.bulk_create(
        PostTopic(post=one, topic=slug, share=0.8, because="map")
        for one, slug in zip(posts, about, strict=True)
        if slug
    )
    return posts


def rescored(user: User, now: datetime = NOW) -> dict[str, TopicScore]:
    """Score the person with their topics, and return these by slug."""
    pipeline.score_day(user_id=user.pk, now=now)
    topics.rescore(user.pk)
    return {row.topic: row for row in TopicScore.objects.filter(user=user)}


def known_for(name: str, *about: str, people: int = 6) -> User:
    """Return a new person who posts about these topics, scored."""
    source = linked(name)
    posting(source, about, people=people)
    rescored(source.user)
    return source.user


def told(user: User) -> list[str]:
    """Return the topics that are told of somebody, in order."""
    return [one.slug for one in topics.of_person(user.pk)]


def choice_of(user: User, slug: str) -> TopicChoice:
    """Return what somebody said about a topic."""
    return TopicChoice.objects.get(user=user, topic=slug)
