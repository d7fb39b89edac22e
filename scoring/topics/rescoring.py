"""A person's topics, from the evidence that their newest score was made of.

Nothing is read twice: the evidence stands beside the snapshot. So topics are a function of that
snapshot, of what posts are about, of what the person doubts, and of what was told before, which
stays a little longer (`Gate.kept`); doing it again changes nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from scoring import engine, evidence, pipeline, telling
from scoring.engine import Evidence
from scoring.engine.topics import strength
from scoring.engine.topics.order import HIDDEN, MOST_SHOWN, Choice, arranged
from scoring.engine.topics.strength import Gate, Strength
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import (
    PostTopic,
    ScoreSnapshot,
    TopicChoice,
    TopicDoubt,
    TopicHere,
    TopicScore,
)

GATE = Gate()
TERMS_KEPT = 40  # of a topic, the largest
_AT_ONCE = 2_000  # ids in one statement
_RENEWED = (
    "as_of", "strength", "share", "posts", "posts_needed", "days", "people", "reactions",
    "first_post_at", "last_post_at", "terms", "passes", "passed_on", "left_on",
)  # fmt: skip

Said = list[tuple[int, str, float]]  # post, topic, share


class Before(NamedTuple):
    """Whether a topic was told of a person until now, since when, or since when no longer."""

    passes: bool
    passed_on: date | None
    left_on: date | None


_NEVER = Before(passes=False, passed_on=None, left_on=None)


@transaction.atomic
def rescore(user_id: int) -> None:
    """Write how strong each topic of a person is, as of their newest snapshot.

    Without a snapshot there is nothing to write. Call it after pipeline.score_day, in the same
    transaction. Places stay as the last night made them; a topic that is not told any more loses
    its own.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    mine = ScoreSnapshot.objects.filter(user_id=user_id, model=engine.ALGORITHM)
    snapshot = mine.select_related("state").order_by("-day").first()
    if snapshot is None:
        return
    held = _evidence(snapshot)
    weighed = strength.weigh(held, pipeline.PARAMS, evidence.microseconds(snapshot.as_of))
    said, made = _said(user_id, weighed.post.tolist())
    author = strength.Author(
        weighed,
        strength.rolled_up(said, above),
        {post: evidence.microseconds(at) for post, at in made.items()},
    )
    strengths = author.strengths()
    before, choices = _before(user_id), _choices(user_id)
    passing = author.passing(
        strengths,
        GATE,
        _here(strengths),
        above,
        {slug for slug, was in before.items() if was.passes},
        aside={slug for slug, choice in choices.items() if choice.state == HIDDEN},
    )
    passing = _told({slug: strengths[slug].value for slug in passing}, choices)
    needed = GATE.posts_needed(len(weighed.post))
    rows = [_row(snapshot, one, made, needed) for one in strengths.values()]
    _write(snapshot, rows, passing, before)
    _tell(snapshot, passing, before, choices)


def _tell(
    snapshot: ScoreSnapshot,
    passing: set[str],
    before: Mapping[str, Before],
    choices: Mapping[str, Choice],
) -> None:
    """Tell what came and went of its own. First topics come together, beside the first score."""
    were = {slug for slug, was in before.items() if was.passes}
    if before:
        came, went = passing - were - choices.keys(), were - passing - choices.keys()
        telling.of_topics(snapshot, came=came, went=went, now=snapshot.as_of)


@cache
def above(slug: str) -> frozenset[str]:
    """Return what stands above a topic in the taxonomy, and may be told without being asked."""
    known = taxonomy()
    return frozenset(one for one in known.ancestors(slug) if not known.topics[one].sensitive)


def may_be_found(slug: str) -> bool:
    """Tell whether posts may lead to this topic: it is there, and nothing sensitive."""
    topic = taxonomy().get(slug)
    return topic is not None and not topic.sensitive


def _evidence(snapshot: ScoreSnapshot) -> Evidence:
    """Return what a snapshot was made of, which is kept beside it when it has a score."""
    state = getattr(snapshot, "state", None)
    if state is not None:
        return Evidence.unpack(bytes(state.evidence))
    return evidence.of_person(snapshot.user_id, now=snapshot.as_of)


def _said(user_id: int, posts: Sequence[int]) -> tuple[Said, dict[int, datetime]]:
    """Return what the posts are about, and when they were written, without what was doubted."""
    doubts = TopicDoubt.objects.filter(user_id=user_id).exclude(post_external_id="")
    doubted = set(doubts.values_list("post_network", "post_external_id", "topic"))
    said: Said = []
    made: dict[int, datetime] = {}
    for some in _cut(posts):
        rows = PostTopic.objects.filter(post__in=some).values_list(
            "post_id",
            "topic",
            "share",
            "post__created_at",
            "post__source__network",
            "post__external_id",
        )
        for post, slug, share, at, *name in rows:
            if may_be_found(slug) and not any(
                (*name, one) in doubted for one in (slug, *above(slug))
            ):
                said.append((post, slug, share))
                made[post] = at
    return said, made


def _cut(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _here(topics: Collection[str]) -> dict[str, float]:
    """Return the mean part that topics have with everybody here, where enough people are."""
    return dict(TopicHere.objects.filter(topic__in=topics).values_list("topic", "share"))


def _before(user_id: int) -> dict[str, Before]:
    """Return the topics that are told of a person by now, and those that once were."""
    mine = TopicScore.objects.filter(Q(passes=True) | Q(left_on__isnull=False), user_id=user_id)
    return {slug: Before(*was) for slug, *was in mine.values_list("topic", *Before._fields)}


def _choices(user_id: int) -> dict[str, Choice]:
    said = TopicChoice.objects.filter(user_id=user_id)
    return {
        slug: Choice(state, position)
        for slug, state, position in said.values_list("topic", "state", "position")
    }


def _told(passing: Mapping[str, float], choices: Mapping[str, Choice]) -> set[str]:
    """Return the topics, of those that pass with these strengths, that count as told.

    The weakest beyond MOST_SHOWN do not: nobody else may learn of a topic that the person is not
    shown. What is hidden or added takes no place of another.
    """
    if len(passing) <= MOST_SHOWN:
        return set(passing)
    mine = {slug: choice for slug, choice in choices.items() if slug in passing}
    hidden = {slug for slug, choice in mine.items() if choice.state == HIDDEN}
    return {*arranged(passing, mine, at_most=MOST_SHOWN), *hidden}


def _write(
    snapshot: ScoreSnapshot,
    rows: list[TopicScore],
    passing: Collection[str],
    before: Mapping[str, Before],
) -> None:
    mine = TopicScore.objects.filter(user_id=snapshot.user_id)
    for row in rows:
        was = before.get(row.topic, _NEVER)
        row.passes = row.topic in passing
        if row.passes:
            row.passed_on = was.passed_on if was.passes else snapshot.day
        else:
            row.left_on = snapshot.day if was.passes else was.left_on
    TopicScore.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=_RENEWED,
    )
    mine.exclude(topic__in=[row.topic for row in rows]).delete()
    mine.filter(passes=False, place__isnull=False).update(place=None, population=None)


def _row(
    snapshot: ScoreSnapshot, one: Strength, made: Mapping[int, datetime], needed: int
) -> TopicScore:
    times = [made[post] for post, _ in one.terms]
    return TopicScore(
        user_id=snapshot.user_id,
        topic=one.topic,
        as_of=snapshot.as_of,
        strength=one.value,
        share=one.share,
        posts=one.posts,
        posts_needed=needed,
        days=one.days,
        people=one.people,
        reactions=one.reactions,
        first_post_at=min(times),
        last_post_at=max(times),
        terms=one.terms[:TERMS_KEPT],
    )
