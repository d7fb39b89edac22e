"""What a person says about their topics. Nothing here is undone by a rescore, a model or a link."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import cases, written
from accounts.connectors.shapes import one_line
from accounts.models import Case, User
from accounts.speech import say
from scoring import jobs
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import (
    Job,
    Post,
    PostTopic,
    TopicChoice,
    TopicDoubt,
    TopicScore,
)
from scoring.topics.reading import of_person

MOST_ADDED = 20
State = TopicChoice.State
Kind = TopicChoice.Kind


class TopicError(Exception):
    """Something about a topic could not be done. `str(error)` says why and what to do."""


def hide(user_id: int, slug: str, *, now: datetime) -> None:
    """Tell a topic to nobody any more, for good. Raises TopicError when there is no such topic."""
    with _alone(user_id):
        _choose(user_id, slug, now, state=State.HIDDEN, position=None)


def restore(user_id: int, slug: str, *, now: datetime) -> None:
    """Take back that a topic is hidden or added: it is told as far as posts prove it."""
    with _alone(user_id):
        mine = TopicChoice.objects.filter(user_id=user_id, topic=slug)
        mine.exclude(state=State.NONE).update(state=State.NONE, changed_at=now)


def add(user_id: int, slug: str, *, now: datetime) -> None:
    """Tell a topic because the person says so; an interest until posts prove it.

    Raises TopicError when there is no such topic, or one too many is added.
    """
    with _alone(user_id):
        added = TopicChoice.objects.filter(user_id=user_id, state=State.ADDED).exclude(topic=slug)
        if added.count() >= MOST_ADDED:
            raise TopicError(
                _("You added %(most)s topics already. Take one of them back first.")
                % {"most": MOST_ADDED}
            )
        _choose(user_id, slug, now, state=State.ADDED)


def let_go(user_id: int, slug: str, *, added_at: QuerySet[Any, Any], now: datetime) -> None:
    """Take back that a topic was added at one of these times, if nothing was said of it since.

    One statement, and no lock on the person: somebody else may be the one who acts.
    """
    mine = TopicChoice.objects.filter(user_id=user_id, topic=slug, state=State.ADDED)
    mine.filter(changed_at__in=added_at).update(state=State.NONE, changed_at=now)


def set_kind(user_id: int, slug: str, kind: str, *, now: datetime) -> None:
    """Mark a topic as "expertise" or "interest", or as neither: "".

    Raises TopicError for another mark, and when there is no such topic.
    """
    if kind not in Kind.values:
        raise TopicError(_("A topic is an expertise or an interest. Choose one of the two."))
    with _alone(user_id):
        _choose(user_id, slug, now, kind=Kind(kind))


def move(user_id: int, slug: str, *, by: int, now: datetime) -> None:
    """Move a topic `by` places in the person's order: -1 is one up. At an end it stays there.

    Raises TopicError when it is not among the topics that are told.
    """
    with _alone(user_id):
        order = [one.slug for one in of_person(user_id)]
        if slug not in order:
            raise TopicError(_("This topic is not among yours now, so it has no place to move."))
        place = order.index(slug)
        order.pop(place)
        order.insert(min(max(place + by, 0), len(order)), slug)
        TopicChoice.objects.bulk_create(
            [
                TopicChoice(user_id=user_id, topic=one, position=position, changed_at=now)
                for position, one in enumerate(order, start=1)
            ],
            update_conflicts=True,
            unique_fields=["user", "topic"],
            update_fields=["position"],
        )


def doubt(
    user_id: int,
    slug: str,
    *,
    now: datetime,
    words: str = "",
    post_id: int | None = None,
    instead: str = "",
) -> Case:
    """Take note that a topic is wrong, or that a post is not about it, and ask an operator.

    A topic that is wrong as a whole is hidden; a post that is not about it does not count for it
    from the next rescore on, which is asked for. `instead` is the topic that it is, if the person
    knows. What is doubted while a case about topics is open joins that one. Raises TopicError for
    an unknown topic or a post that is not theirs, and CaseError for words that are too long.
    """
    words = written.lines(words, TopicError)
    with _alone(user_id) as user:
        for one in filter(None, (slug, instead)):
            _known(one)
        post = _own(user_id, post_id)
        case = _ask(user, slug, post, instead, words, now)
        TopicDoubt.objects.create(
            user=user,
            topic=slug,
            post=post,
            post_network=post.source.network if post else "",
            post_external_id=post.external_id if post else "",
            instead=instead,
            because=_because(slug, post),
            words=words,
            case=case,
            at=now,
        )
        if post is None:
            _choose(user_id, slug, now, state=State.HIDDEN, position=None)
    if post is not None:
        # Not above: who scores holds the job first and waits for the person then.
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(user_id), user_id=user_id, now=now)
    return case


@contextmanager
def _alone(user_id: int) -> Iterator[User]:
    """Keep other writers of this person's topics waiting until the transaction ends."""
    with transaction.atomic():
        yield User.objects.select_for_update(no_key=True).get(pk=user_id)


def _known(slug: str) -> str:
    """Return the name of a topic. Raises TopicError when there is none."""
    if taxonomy().get(slug) is None:
        raise TopicError(_("There is no topic of this name. Search for it among all topics."))
    return taxonomy().name(slug)


def _choose(user_id: int, slug: str, now: datetime, **said: Any) -> None:
    """Write what a person said. A topic that left the taxonomy can still be chosen again."""
    mine = TopicChoice.objects.filter(user_id=user_id, topic=slug)
    if not mine.exists() and not TopicScore.objects.filter(user_id=user_id, topic=slug).exists():
        _known(slug)
    TopicChoice.objects.update_or_create(
        user_id=user_id, topic=slug, defaults={**said, "changed_at": now}
    )


def _own(user_id: int, post_id: int | None) -> Post | None:
    """Return the person's post, None for none. Raises TopicError for the post of somebody else."""
    if post_id is None:
        return None
    mine = Post.objects.select_related("source").filter(source__user_id=user_id)
    post = mine.filter(pk=post_id).first()
    if post is None:
        raise TopicError(_("This post is not here any more, so it counts for no topic."))
    return post


def _because(slug: str, post: Post | None) -> str:
    """Return the words that led from a post to a topic."""
    if post is None:
        return ""
    known = taxonomy()
    rows = PostTopic.objects.filter(post=post).order_by("-share", "topic")
    for topic, words in rows.values_list("topic", "because"):
        if topic == slug or (topic in known.topics and slug in known.ancestors(topic)):
            return words
    return ""


def _ask(user: User, slug: str, post: Post | None, instead: str, words: str, now: datetime) -> Case:
    """Open a case about a topic, or add to the one that is open."""
    name = _known(slug)
    said = say("“{name}” is no topic of mine.", name=name)
    if post is not None:
        said = say(
            "A post is not about “{name}”: “{post}”.", name=name, post=one_line(str(post), 60)
        )
    if instead:
        said += " " + say("It is “{name}”.", name=_known(instead))
    text = f"{said}\n\n{words}".strip()
    earlier = TopicDoubt.objects.filter(user=user, case__isnull=False, case__closed_at=None)
    open_one = earlier.select_related("case").order_by("-at", "-pk").first()
    if open_one is not None and open_one.case is not None:
        cases.reply(case=open_one.case, author=user, text=text, now=now)
        return open_one.case
    return cases.open_case(
        user=user,
        text=text,
        report=_report(user.pk, slug, post),
        now=now,
        about={"kind": "topic", "topic": slug},
    )


def _report(user_id: int, slug: str, post: Post | None) -> str:
    """Return the facts about a topic as they stand."""
    lines = [f"Topic: {slug}"]
    score = TopicScore.objects.filter(user_id=user_id, topic=slug).first()
    if score is not None:
        lines += [
            f"Strength: {score.strength:.3f}, {score.share:.1%} of what the posts brought",
            f"Posts: {score.posts} on {score.days} days, up to {score.people} people",
            f"As of: {score.as_of:%Y-%m-%d %H:%M} UTC",
        ]
    if post is not None:
        lines.append(
            say("Post: {pk}, because of “{because}”", pk=post.pk, because=_because(slug, post))
        )
    return "\n".join(lines)
