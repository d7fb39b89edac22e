"""Why a topic: the posts and reactions that led to it, each with its part of the strength."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts import cases
from accounts.figures import moment
from accounts.views import person, pressed
from scoring import topics, words
from scoring.engine import shown
from scoring.engine.topics.assign import WORDING
from scoring.engine.topics.taxonomy import Topic, taxonomy
from scoring.models import TopicScore
from scoring.topics.rescoring import GATE
from scoring.views import taxonomy as names
from scoring.views import topic_words as say
from scoring.views.my_topics import Button, buttons, change

FINE_BELOW = 10.0  # points; smaller strengths are told in hundredths, or many posts would say 0.0
SHORT = 60  # characters of a post in a list to choose from
LONGEST_ID = 18  # digits


@dataclass(frozen=True, slots=True)
class Line:
    """A post that led to a topic. The points of all lines add up to the strength."""

    post_id: int
    day: str
    title: str
    short: str
    url: str
    reactions: str
    because: str
    points: str


@require_GET
def my_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what led to a topic of the person."""
    topic = taxonomy().get(slug)
    if topic is None:
        return names.unknown(request, slug)
    return render(request, "scoring/topics/evidence.html", _context(request, topic))


@pressed("my_topic", "slug")
def my_topic_wrong(request: HttpRequest, slug: str) -> HttpResponse:
    """Take note that a topic or a post of it is wrong, and open a case about that."""
    topic, typed = names.known(slug), names.asked(request.POST.get("instead", ""))
    said, post = request.POST.get("words", ""), request.POST.get("post", "")
    instead = names.called(typed)
    try:
        case = topics.doubt(
            person(request).pk,
            slug,
            now=timezone.now(),
            # A name that we do not know is worth reading all the more.
            words=said if instead or not typed else f"{said.strip()}\n\n{_no_topic(typed)}",
            post_id=_number(post) if post else None,
            instead=instead,
        )
    except (topics.TopicError, cases.CaseError) as refused:
        context = _context(request, topic) | {
            "error": str(refused), "said": said, "about": post, "instead": typed,
        }  # fmt: skip
        return render(request, "scoring/topics/evidence.html", context, status=400)
    if post:
        text = _("Case %(number)s is open. The post counts for %(topic)s no longer.")
    else:
        text = _("Case %(number)s is open. %(topic)s is gone, and we will not guess it again.")
    text %= {"number": case.pk, "topic": names.name_of(slug)}
    messages.success(request, text if post else f"{text} {say.still_above(slug)}".strip())
    return redirect("case", case.pk)


def _number(post: str) -> int:
    """Return the id of a post as it was sent; 0, which none has, for what is no id."""
    return int(post) if post.isdecimal() and len(post) <= LONGEST_ID else 0


def _no_topic(typed: str) -> str:
    """Return what a topic is instead, when no topic here is called so."""
    return _("It is “%(name)s” instead, which is no topic here yet.") % {"name": typed}


def _context(request: HttpRequest, topic: Topic) -> dict[str, Any]:
    user_id, slug = person(request).pk, topic.slug
    grounds = topics.evidence_of(user_id, slug)
    told = {one.slug: one for one in topics.of_person(user_id)}
    mine = told.get(slug)
    gone = slug in topics.hidden(user_id)
    context: dict[str, Any] = {
        "slug": slug,
        "name": names.name_of(slug),
        "kind": say.kind(mine.kind) if mine else "",
        "longest": cases.LONGEST,
        "hidden": gone,
        "jump": _jump(mine, gone=gone),
    }
    if gone:
        context["buttons"] = [Button(_("Restore"), change(slug, "restore"))]
    elif mine:
        context["buttons"] = buttons(mine)
    else:
        context["buttons"] = [Button(_("Add it yourself"), change(slug, "add"))]
    if grounds is None:
        return context | {"lead": _unproven(mine, gone=gone, sensitive=topic.sensitive)}
    return context | _evidence(grounds, told, gone=gone)


def _jump(mine: topics.Shown | None, *, gone: bool) -> str:
    """Return what the way down to the end of the page is called: what can be done there."""
    if gone:
        return _("This is wrong, or restore it")
    if mine is None:
        return _("This is wrong, or add it yourself")
    return (
        _("This is wrong, or change it") if mine.score is None else _("This is wrong, or hide it")
    )


def _unproven(mine: topics.Shown | None, *, gone: bool, sensitive: bool) -> list[str]:
    """Return what is said about a topic to which no post led."""
    if gone:
        return [_("You hid it. No post leads to it now, and we will not guess it again.")]
    if mine:
        return [say.unproven(sensitive=sensitive)]
    if sensitive:
        return [_("Topics like this are never read from posts. It is here only if you add it.")]
    return [
        _("No post of the last 90 days that people reacted to leads here."),
        say.missing(posts=GATE.posts, days=GATE.days, people=GATE.people),
    ]


def _evidence(
    grounds: topics.Grounds, told: Mapping[str, topics.Shown], *, gone: bool
) -> dict[str, Any]:
    """Return the lines with their sum, and what the topic's state is."""
    score = grounds.score
    places = 1 if score.strength >= FINE_BELOW else 2
    terms = [ground.term for ground in grounds.posts]
    *figures, rest = shown([*terms, grounds.rest], places, round(score.strength, places))
    lines = [
        _line(ground, words.decimal(figure, places))
        for ground, figure in zip(grounds.posts, figures, strict=True)
    ]
    return {
        "lead": _state(score, told, gone=gone),
        "lines": lines,
        "rest": words.decimal(rest, places) if grounds.rest_posts > 0 else "",
        "rest_posts": _rest(grounds.rest_posts),
        "total": words.decimal(score.strength, places),
        "span": words.span(score.first_post_at.date(), score.last_post_at.date(), short=True),
        "as_of": moment(score.as_of, timezone.now()),
    }


def _state(score: TopicScore, told: Mapping[str, topics.Shown], *, gone: bool) -> list[str]:
    """Return whether the topic is told, why, and where the person stands in it.

    `told`: all topics that are told of the person.
    """
    added = score.topic in told
    if gone:
        hid = _("You hid it: nobody is told, and we will not guess it again.")
        return [f"{hid} {say.still_above(score.topic)}".strip(), f"{say.proof(score)}."]
    if not score.passes:
        begun = _("Not shown any more.") if score.left_on else _("Not shown yet.")
        begun = say.unproven(sensitive=False) if added else begun
        proven = [one.score for one in told.values() if one.score is not None]
        return [f"{begun} {say.untold(score, proven)}"]
    place = say.place(score.place, score.population)
    own = f"{place}. {_('Only you see your place among all.')}" if place else ""
    return [sentence for sentence in (f"{say.proof(score)}.", own) if sentence]


def _rest(posts: int) -> str:
    form = ngettext("%(n)s smaller post", "%(n)s smaller posts", posts)
    return form % {"n": words.whole(posts)}


def _line(ground: topics.Ground, points: str) -> Line:
    post = ground.post
    title = post.excerpt or words.untitled()
    done = [words.did(kind, count) for kind, count in ground.reactions.items() if count > 0]
    where = words.source_name(post.source.network, post.source.title)
    return Line(
        post_id=post.pk,
        day=words.day_short(post.created_at.date()),
        title=title,
        short=title if len(title) <= SHORT else f"{title[:SHORT].rstrip()}…",
        url=words.linkable(post.url),
        reactions=" · ".join([*done, where]),
        because=_because(ground.because),
        points=points,
    )


def _because(found: Mapping[str, str]) -> str:
    """Return what in a post led here: "About Django: it says “queryset”"."""
    return "; ".join(
        _("About %(topic)s by its wording as a whole") % {"topic": names.name_of(slug)}
        if because == WORDING
        else _("About %(topic)s: it says “%(words)s”")
        % {"topic": names.name_of(slug), "words": because}
        for slug, because in found.items()
    )
