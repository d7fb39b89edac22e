"""A person's topics as they see them: told, on the way, hidden, and what led to each."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, QuerySet, Sum

from accounts.prepared import NUMBER, Prepared
from accounts.visibility import Visible
from scoring.engine.topics.order import MOST_SHOWN, Choice, arranged
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import (
    Interaction,
    Post,
    PostTopic,
    Tally,
    TopicChoice,
    TopicScore,
)
from scoring.topics.rescoring import GATE, above, may_be_found

MOST_NEARLY = 5
MOST_LEFT = 5
LEFT_FOR = timedelta(days=30)  # so long it is said that a topic is not told any more

State = TopicChoice.State
Kind = TopicChoice.Kind


@dataclass(frozen=True, slots=True)
class Shown:
    """A topic of a person. `score` is None while no post proves it; then the person added it.

    kind: "expertise", "interest", or "" as long as the person did not say. A topic that only the
    person added is an interest. `sensitive` ones are only ever there because they were added.
    """

    slug: str
    kind: str
    added: bool
    sensitive: bool
    score: TopicScore | None


@dataclass(frozen=True, slots=True)
class Nearly:
    """A topic that is not told yet, and what is missing: 0 where nothing is.

    `faint`: everything is there, but it is too small a part of what the person's posts bring, or no
    larger than with everybody here.
    """

    slug: str
    score: TopicScore
    posts: int
    days: int
    people: int

    @property
    def faint(self) -> bool:
        return not (self.posts or self.days or self.people)


@dataclass(frozen=True, slots=True)
class Left:
    """A topic that posts still lead to, and that is not told any more, since `on`."""

    slug: str
    score: TopicScore
    on: date


class Glance(NamedTuple):
    """The topics of a person: told, told until lately, and nearest to being told."""

    shown: list[Shown]
    left: list[Left]
    nearly: list[Nearly]


@dataclass(frozen=True, slots=True)
class Ground:
    """A post that led to a topic, and what it adds to the strength.

    because: topic -> words; what of the post says so, for each of its topics at or below the one
    that is asked for. reactions: kind -> how many, all that were ever counted.
    """

    post: Post
    term: float
    because: Mapping[str, str]
    reactions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What led to a topic: the largest posts, and what the others come to.

    The terms and `rest` add up to `score.strength`.
    """

    score: TopicScore
    posts: list[Ground]
    rest: float
    rest_posts: int


def of_person(user_id: int) -> list[Shown]:
    """Return the topics that are told of a person, in the person's order. Two queries."""
    return of_people([user_id])[user_id]


def of_people(user_ids: Collection[int]) -> dict[int, list[Shown]]:
    """Return what `of_person` does for each of several. Two queries."""
    scores: dict[int, dict[str, TopicScore]] = defaultdict(dict)
    choices: dict[int, dict[str, TopicChoice]] = defaultdict(dict)
    alone = len(user_ids) == 1
    for score in _SCORES(*user_ids) if alone else _passing(user__in=user_ids):
        scores[score.user_id][score.topic] = score
    for choice in _CHOICES(*user_ids) if alone else TopicChoice.objects.filter(user__in=user_ids):
        choices[choice.user_id][choice.topic] = choice
    return {user_id: _told(scores[user_id], choices[user_id]) for user_id in user_ids}


def _passing(**whose: Any) -> QuerySet[TopicScore]:
    return TopicScore.objects.filter(passes=True, **whose).defer("terms")


_SCORES = Prepared(lambda user_id: _passing(user=user_id), NUMBER)
_CHOICES = Prepared(lambda user_id: TopicChoice.objects.filter(user=user_id), NUMBER)


def shown_to_others(user_id: int, visible: Visible) -> list[Shown]:
    """Return the topics that somebody sees of a person who shows them so much. Two queries at most.

    As in `of_person`, without what is sensitive, though the person added it, and what left the
    taxonomy since.
    """
    return all_shown_to_others({user_id: visible})[user_id]


def all_shown_to_others(people: Mapping[int, Visible]) -> dict[int, list[Shown]]:
    """Return what `shown_to_others` does for each of several. Two queries at most."""
    known = taxonomy().topics
    told = of_people([user_id for user_id, visible in people.items() if visible.topics])
    return {
        user_id: [one for one in told.get(user_id, []) if one.slug in known and not one.sensitive]
        for user_id in people
    }


def glance(user_id: int, *, now: datetime) -> Glance:
    """Return what `of_person` does, what left it lately, and what is nearest to it. Two queries.

    Left: within LEFT_FOR, the last first. What stands above another topic of theirs has the same
    posts and more, so it is not on the way; nor is what left, of which more is said.
    """
    scores, choices = _scores(user_id), _choices(user_id)
    told = {slug: row for slug, row in scores.items() if row.passes}
    chosen = {slug for slug, choice in choices.items() if choice.state != State.NONE}
    left = _left(scores, chosen, now.date() - LEFT_FOR)
    return Glance(
        shown=_told(told, choices),
        left=left,
        nearly=_on_the_way(scores, chosen | {one.slug for one in left}),
    )


def _scores(user_id: int) -> dict[str, TopicScore]:
    return {row.topic: row for row in TopicScore.objects.filter(user_id=user_id).defer("terms")}


def _choices(user_id: int) -> dict[str, TopicChoice]:
    return {row.topic: row for row in TopicChoice.objects.filter(user_id=user_id)}


def _told(scores: Mapping[str, TopicScore], choices: Mapping[str, TopicChoice]) -> list[Shown]:
    order = arranged(
        {slug: row.strength for slug, row in scores.items()},
        {slug: Choice(row.state, row.position) for slug, row in choices.items()},
        at_most=MOST_SHOWN,
    )
    return [_shown(slug, scores.get(slug), choices.get(slug)) for slug in order]


def _shown(slug: str, score: TopicScore | None, choice: TopicChoice | None) -> Shown:
    topic = taxonomy().get(slug)
    kind = choice.kind if choice else Kind.UNMARKED
    return Shown(
        slug=slug,
        kind=Kind.INTEREST.value if score is None else str(kind),
        added=choice is not None and choice.state == State.ADDED,
        sensitive=topic is not None and topic.sensitive,
        score=score,
    )


def hidden(user_id: int) -> list[str]:
    """Return the topics that a person hid, the last hidden first."""
    rows = TopicChoice.objects.filter(user_id=user_id, state=State.HIDDEN)
    return list(rows.order_by("-changed_at", "topic").values_list("topic", flat=True))


def _left(scores: Mapping[str, TopicScore], out: Collection[str], since: date) -> list[Left]:
    found = [
        Left(slug, row, row.left_on)
        for slug, row in scores.items()
        if row.left_on is not None and row.left_on >= since
        if slug not in out and may_be_found(slug)
    ]
    found.sort(key=lambda one: (-one.on.toordinal(), -one.score.strength, one.slug))
    return found[:MOST_LEFT]


def _on_the_way(scores: Mapping[str, TopicScore], apart: Collection[str]) -> list[Nearly]:
    wide = {one for slug in scores if slug in taxonomy().topics for one in above(slug)}
    out = wide.union(apart)
    found = [nearly(row) for row in scores.values() if not (row.passes or row.topic in out)]
    return sorted(found, key=_missing)[:MOST_NEARLY]


def nearly(score: TopicScore) -> Nearly:
    """Return what a topic that is not told still needs."""
    return Nearly(
        slug=score.topic,
        score=score,
        posts=max(0, score.posts_needed - score.posts),
        days=max(0, GATE.days - score.days),
        people=max(0, GATE.people - score.people),
    )


def _missing(one: Nearly) -> tuple[float, float, str]:
    """Order topics by how much of the gate is missing, then by how much is there."""
    missing = one.posts / one.score.posts_needed + one.days / GATE.days + one.people / GATE.people
    return missing, -one.score.share, one.slug


def evidence_of(user_id: int, slug: str) -> Grounds | None:
    """Return the posts that led to a topic of a person, the largest first; None where none did.

    Also for a topic that is hidden or not told. Five queries.
    """
    score = TopicScore.objects.filter(user_id=user_id, topic=slug).first()
    if score is None:
        return None
    terms = {int(post): float(term) for post, term in score.terms}
    posts = Post.objects.select_related("source").in_bulk(list(terms))
    because, reactions = _because(slug, posts), reactions_of(posts)
    rest = score.strength - math.fsum(terms.values())
    gone = [terms[post] for post in terms if post not in posts]
    return Grounds(
        score=score,
        posts=[
            Ground(posts[pk], term, because[pk], reactions[pk])
            for pk, term in terms.items()
            if pk in posts
        ],
        rest=rest + math.fsum(gone),
        rest_posts=score.posts - len(terms) + len(gone),
    )


EXPORTED = (
    "topic", "name", "told", "said", "mark", "position", "strength", "share", "posts", "days",
    "people", "reactions", "first_post_at", "last_post_at", "told_since", "told_until", "place",
    "population", "as_of",
)  # fmt: skip


def exported(user_id: int) -> list[dict[str, object]]:
    """Return everything that is kept of a person's topics, one EXPORTED row a topic, by slug.

    said: "hidden", "added" or "". mark: "expertise", "interest" or "". Two queries.
    """
    scores, choices = _scores(user_id), _choices(user_id)
    passed = {slug: row for slug, row in scores.items() if row.passes}
    told = {one.slug for one in _told(passed, choices)}
    return [
        _exported(slug, scores.get(slug), choices.get(slug), told=slug in told)
        for slug in sorted({*scores, *choices})
    ]


def _exported(
    slug: str, score: TopicScore | None, choice: TopicChoice | None, *, told: bool
) -> dict[str, object]:
    topic = taxonomy().get(slug)
    values = {name: getattr(score, name, None) for name in EXPORTED if hasattr(TopicScore, name)}
    state = choice.state if choice else State.NONE
    values |= {
        "topic": slug,
        "name": topic.name if topic else slug,
        "told": told,
        "said": "" if state == State.NONE else str(state),
        "mark": str(choice.kind) if choice else "",
        "position": choice.position if choice else None,
        "told_since": score.passed_on if score else None,
        "told_until": score.left_on if score else None,
    }
    return {name: values[name] for name in EXPORTED}


def _because(slug: str, posts: Collection[int]) -> dict[int, dict[str, str]]:
    """Return post -> topic -> words, of topics at or below `slug`."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = PostTopic.objects.filter(post__in=posts).order_by("-share", "topic")
    known = taxonomy()
    for post, topic, words in rows.values_list("post_id", "topic", "because"):
        if topic == slug or (topic in known.topics and slug in known.ancestors(topic)):
            found[post][topic] = words
    return found


def reactions_of(posts: Collection[int]) -> dict[int, dict[str, int]]:
    """Return post -> kind -> reactions: what the network counts, or the people who are known."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    acts = Interaction.objects.filter(post__in=posts).order_by()
    counts = Tally.objects.filter(post__in=posts).order_by()
    groups = (
        acts.values_list("post_id", "kind").annotate(number=Count("pk")),
        counts.values_list("post_id", "kind").annotate(number=Sum(F("delta"))),
    )
    for group in groups:
        for post, kind, number in group:
            found[post][kind] = max(number, found[post].get(kind, 0))
    return found
