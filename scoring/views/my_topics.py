"""My topics: what a person is known for, what is nearly there, and what they say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.figures import moment
from accounts.models import Source
from accounts.views import person
from scoring import pipeline, plusk, topics, words
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import TopicScore
from scoring.topics.rescoring import GATE
from scoring.views import taxonomy as names
from scoring.views import topic_words as say

ON_HOME = 5  # topics
OFFERED = 8  # of what a search found; the page of all topics shows more


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done about a topic, and where the form goes for it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A topic that is told of the person. `figure` is "" while no post proves it.

    plusk: how much +K counts in it, "" for none.
    """

    slug: str
    name: str
    url: str  # "" for a topic that left the taxonomy
    kind: str
    figure: str
    filled: str  # percent of the bar: of the strongest
    facts: str
    place: str
    moves: list[Button]
    buttons: list[Button]
    plusk: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """A topic on its way, or not told any more, and what it still needs."""

    name: str
    url: str
    missing: str
    facts: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A topic that a search found. `add` is None when it is told already."""

    found: names.Found
    add: Button | None


@require_GET
def my_topics(request: HttpRequest) -> HttpResponse:
    """Show the person's topics, those on the way, the hidden ones, and a search to add more."""
    user_id = person(request).pk
    mine, left, near = topics.glance(user_id, now=timezone.now())
    gone = topics.hidden(user_id)
    asked = names.asked(request.GET.get("add", ""))
    times = [one.score.as_of for one in mine if one.score is not None]
    as_of = max((*times, *(one.score.as_of for one in near)), default=None)
    context = {
        "rows": rows(mine, plusk.totals_of(user_id)),
        "left": [_left(one, mine) for one in left],
        "nearly": [_near(one, mine) for one in near],
        "nothing_near": "" if near else _nothing_near(user_id, shown=bool(mine or left)),
        "hidden": [Button(names.name_of(slug), change(slug, "restore")) for slug in gone],
        "asked": asked,
        **_offered(asked, mine, gone),
        "as_of": moment(as_of, timezone.now()),
        "gate": GATE,
        "often": words.number(100 * GATE.post_part),
        "window": pipeline.PARAMS.window_days,
    }
    return render(request, "scoring/topics/mine.html", context)


def rows(mine: Sequence[topics.Shown], got: Mapping[str, float] | None = None) -> list[Row]:
    """Return topics as the page lists them, in the given order. got: +K that counts in them."""
    got = got or {}
    most = max((one.score.strength for one in mine if one.score is not None), default=0.0)
    return [
        replace(
            _row(one, most, first=at == 0, last=at == len(mine) - 1),
            plusk=words.plusk(got.get(one.slug, 0)),
        )
        for at, one in enumerate(mine)
    ]


def _row(one: topics.Shown, most: float, *, first: bool, last: bool) -> Row:
    score = one.score
    moves = [("up", _("Up"), first), ("down", _("Down"), last)]
    return Row(
        slug=one.slug,
        name=names.name_of(one.slug),
        url=reverse("my_topic", args=[one.slug]) if taxonomy().get(one.slug) else "",
        kind=say.kind(one.kind),
        figure=words.decimal(score.strength) if score else "",
        filled=f"{100 * score.strength / most:.1f}" if score and most else "0",
        facts=say.proof(score) if score else say.unproven(sensitive=one.sensitive),
        place=say.place(score.place, score.population) if score else "",
        moves=[Button(label, change(one.slug, act)) for act, label, at_end in moves if not at_end],
        buttons=buttons(one),
    )


def buttons(one: topics.Shown) -> list[Button]:
    """Return what can be done about a topic that is told, besides moving it."""
    offered = []
    if one.score is not None:
        marks = (
            ("expertise", _("Mark as expertise")),
            ("interest", _("Mark as interest")),
            ("unmarked", _("Remove the mark")),
        )
        now = one.kind or "unmarked"
        offered = [(act, label) for act, label in marks if act != now]
    if one.added:
        offered.append(("take-back", _("Take back that you added it")))
    if one.score is not None:
        offered.append(("hide", _("Hide for good")))
    return [Button(label, change(one.slug, act)) for act, label in offered]


def change(slug: str, act: str) -> str:
    """Return the address that changes a topic of the person."""
    return reverse("my_topic_change", args=[slug, act])


def _scores(mine: Sequence[topics.Shown]) -> list[TopicScore]:
    return [each.score for each in mine if each.score is not None]


def _left(one: topics.Left, mine: Sequence[topics.Shown]) -> Near:
    return Near(
        name=names.name_of(one.slug),
        url=reverse("my_topic", args=[one.slug]),
        missing=f"{say.until(one.on)} {say.untold(one.score, _scores(mine))}",
        facts=say.there(one.score),
    )


def _near(one: topics.Nearly, mine: Sequence[topics.Shown]) -> Near:
    return Near(
        name=names.name_of(one.slug),
        url=reverse("my_topic", args=[one.slug]),
        missing=say.passed_over(one.score, _scores(mine))
        if one.faint
        else say.missing(posts=one.posts, days=one.days, people=one.people),
        facts=say.there(one.score),
    )


def _nothing_near(user_id: int, *, shown: bool) -> str:
    """Return why no topic is on the way: nothing linked, nothing scored, or nothing said."""
    if shown:
        return _("No other topic is on its way now.")
    if not Source.objects.filter(user_id=user_id, selected=True).exists():
        return _("Link an account first: topics come from what you say there. Or add one yourself.")
    return _(
        "Topics appear after about 20 posts that name what they are about and that people react "
        "to. Add one yourself meanwhile."
    )


def _offered(asked: str, mine: Sequence[topics.Shown], gone: Sequence[str]) -> dict[str, Any]:
    """Return what a search offers to add; where it found nothing, what it may have meant."""
    if not asked:
        return {}
    told, found = {one.slug for one in mine}, names.search(asked, OFFERED)
    offers = [
        Offer(one, None if one.slug in told else _offer(one.slug, gone))
        for one in found or names.meant(asked)
    ]
    return {"offers": offers, "slipped": not found}


def _offer(slug: str, gone: Sequence[str]) -> Button:
    if slug in gone:
        return Button(_("Restore"), change(slug, "restore"))
    return Button(_("Add"), change(slug, "add"))


def home_card(user_id: int) -> dict[str, Any]:
    """Return what home says about topics: the first of them, or the nearest, or how they come."""
    mine, left, nearly = topics.glance(user_id, now=timezone.now())
    if mine:
        more = len(mine) - ON_HOME
        form = ngettext("%(n)s more topic", "%(n)s more topics", max(more, 1))
        return {
            "rows": rows(mine[:ON_HOME]),
            "sentence": f"{form % {'n': more}}." if more > 0 else "",
        }
    near = [_near(one, mine) for one in nearly[:1]]
    sentence = _("None yet. They come from posts that people react to.")
    if left:
        sentence = _("None now. %(topic)s was the last to be shown.") % {
            "topic": names.name_of(left[0].slug)
        }
    return {"near": near, "sentence": "" if near else sentence}
