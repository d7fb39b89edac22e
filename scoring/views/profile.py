"""The public profile: what a person shows of themselves, to whoever may see it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from accounts import handles
from accounts.figures import moment, plain
from accounts.models import Profile, Source, User
from accounts.searching import named
from accounts.views import person
from accounts.views.for_all import for_all
from accounts.visibility import MEMBER, STRANGER, Visible, shown
from scoring import badges, plusk, topics, words
from scoring.engine.badges import PINNED_AT_MOST
from scoring.models import Style, TopicScore
from scoring.views import badge_tiles, embeds, moments, series
from scoring.views import taxonomy as names
from scoring.views import topic_words as say
from scoring.views.latest import Latest, latest_of
from scoring.views.plusk import form_of
from scoring.views.style import face as style_face

SHOWN_DAYS = 90
SHOWN_MOMENTS = 5
_PREVIEWS = {"stranger": STRANGER, "member": MEMBER}


@dataclass(frozen=True, slots=True)
class Known:
    """A topic that a person shows. `filled`: percent of the strongest; "" while nothing proves it.

    strength: the same in a word. place: among people here, in its upper half. plusk: "" for none.
    """

    name: str
    url: str
    kind: str
    filled: str
    strength: str
    place: str
    plusk: str


@dataclass(frozen=True, slots=True)
class Account:
    """A linked account that a person shows."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Praise:
    """Why somebody got +K. `by` is "" for a giver who is not named to the viewer."""

    topic: str
    because: str
    by: str
    handle: str
    day: str


@for_all
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """Show the page of a person, or that nobody is there: unknown and private are one."""
    viewer = request.user if isinstance(request.user, User) else None
    now = timezone.now()
    found = handles.find(handle, viewer=viewer, now=now)
    if found.profile is None:
        raise Http404
    address = reverse("profile", args=[found.name])
    if request.path != address:
        return redirect(address)
    whom = found.profile
    told = topics.shown_to_others(whom.user_id, found.visible)
    context = face(whom, found.name, found.visible, told, viewer=viewer, now=now)
    if viewer is not None and viewer.pk != whom.user_id:
        receiver = plusk.receiver(found, whom.user, told)
        context |= form_of(receiver, viewer=viewer, now=now, totals=context["totals"])
    own = viewer is not None and viewer.pk == whom.user_id
    open_ = shown(whom, STRANGER)  # pictures and feeds are read without signing in
    context |= {
        "public": found.visible.indexed,
        "address": request.build_absolute_uri(address),
        "card": request.build_absolute_uri(reverse("profile_card", args=[found.name])),
        "own": own,
        "closed": not shown(whom, MEMBER).page,
        "followable": open_.feed,
        "embeddable": open_.score,
        "pastes": embeds.pastes_of(found.name) if open_.score and not own else "",
    }
    response = render(request, "scoring/profile/page.html", context)
    patch_cache_control(response, no_cache=True)  # kept, and asked about each time
    return response


@require_GET
def profile_preview(request: HttpRequest) -> HttpResponse:
    """Show the person their page as a stranger or a member sees it."""
    asked = request.GET.get("as", "stranger")
    if asked not in _PREVIEWS:
        raise Http404
    user = person(request)
    whom = Profile.objects.select_related("user").filter(user=user).first()
    handle = handles.current(user)
    visible = shown(whom if handle else None, _PREVIEWS[asked])
    context: dict[str, Any] = {"seen_as": asked, "visible": visible}
    if whom is not None and visible.page:
        told = topics.shown_to_others(user.pk, visible)
        viewer = user if asked == "member" else None
        context |= face(whom, handle, visible, told, viewer=viewer, now=timezone.now())
    return render(request, "scoring/profile/preview.html", context)


def face(
    whom: Profile,
    handle: str,
    visible: Visible,
    told: Sequence[topics.Shown],
    *,
    viewer: User | None,
    now: datetime,
) -> dict[str, Any]:
    """Return what a page tells of a person, and nothing that may not be seen.

    told: their topics that may. Up to eight queries, one for most of what is shown.
    """
    totals = plusk.totals_of(whom.user_id) if visible.plusk else {}
    context: dict[str, Any] = {
        "name": named(whom.user, handle),
        "handle": handle,
        "initials": _initials(whom.user.display_name or handle),
        "bio": whom.bio,
        "visible": visible,
        "topics": _topics(told, totals),
        "totals": totals,
        "praise": _praise(whom.user, viewer, totals.keys() & {one.slug for one in told}),
    }
    if visible.score:
        start = now.date() - timedelta(days=SHOWN_DAYS - 1)
        latest = latest_of(whom.user_id, since=start if visible.history else now.date())
        context |= _score(latest, now)
        if visible.history and latest is not None:
            context |= _course(latest.days, start, now.date())
    if visible.badges:
        context |= _badges(whom.user_id, handle)
    if visible.style:
        context |= style_face(Style.objects.filter(user=whom.user_id).first())
    if visible.moments:
        context["moments"] = moments.shown(whom.user_id, most=SHOWN_MOMENTS)
    if visible.networks:
        context["accounts"] = accounts_of(whom.user_id)
    return context


def _score(latest: Latest | None, now: datetime) -> dict[str, str]:
    """Return the newest score with its time and day; "" where there is too little to count."""
    if latest is None or latest.day.score is None:
        return dict.fromkeys(("score", "turn", "as_of", "day"), "")
    day, at = words.day_year(latest.day.day), moment(latest.as_of, now)
    score = words.decimal(latest.day.score)
    return {"score": score, "turn": plain(score), "as_of": at, "day": day}


def _course(days: list[series.Day], start: date, end: date) -> dict[str, Any]:
    return {
        "chart": series.chart(days, start=start, end=end),
        "rows": series.table(days, every=7),
    }


def _badges(user_id: int, handle: str) -> dict[str, Any]:
    """Return badges, and drawings of the first."""
    held = badges.shown(user_id)
    return {
        "badges": [badge_tiles.shown(one, handle) for one in held],
        "emblems": [badge_tiles.emblem(one) for one in held[:PINNED_AT_MOST]],
    }


def _topics(told: Sequence[topics.Shown], totals: Mapping[str, float]) -> list[Known]:
    """Return topics in their order, each with its strength beside the strongest of them."""
    most = max((one.score.strength for one in told if one.score is not None), default=0.0)
    return [_known(one, most, totals.get(one.slug, 0)) for one in told]


def _known(one: topics.Shown, most: float, counted: float) -> Known:
    part = one.score.strength / most if one.score and most else 0.0
    return Known(
        name=names.name_of(one.slug),
        url=reverse("topic", args=[one.slug]),
        kind=say.kind(one.kind),
        filled=f"{100 * part:.1f}" if part else "",
        strength=say.strength(part) if part else "",
        place=_good_place(one.score),
        plusk=words.plusk(counted),
    )


def _praise(whom: User, viewer: User | None, among: Collection[str]) -> list[Praise]:
    """Return the words for which somebody got +K, of the topics that are seen and have some."""
    if not among:
        return []
    return [
        Praise(
            topic=names.name_of(one.topic),
            because=one.because,
            by=one.by.name,
            handle=one.by.handle,
            day=words.day_year(one.at.date()),
        )
        for one in plusk.praise(whom, viewer=viewer, among=among)
    ]


def _good_place(score: TopicScore | None) -> str:
    """Return the place of somebody in the upper half: a page tells what a person is known for."""
    if score is None or score.place is None or 2 * score.place > (score.population or 0):
        return ""
    return say.place(score.place, score.population)


def accounts_of(user_id: int) -> list[Account]:
    """Return the linked accounts that count, as others may see them. One query."""
    rows = Source.objects.counted().filter(user_id=user_id, grant__isnull=False)
    told = rows.order_by("network", "pk").values_list("network", "title", "url")
    return [
        Account(words.source_name(network, title), words.linkable(url))
        for network, title, url in told
    ]


def _initials(name: str) -> str:
    """Return up to two first letters: "NL" of Nora (Lindqvist). Of no letters the first sign."""
    firsts = [letter for part in name.split() for letter in islice(filter(str.isalnum, part), 1)]
    return "".join(firsts[:1] + firsts[1:][-1:]).upper() or name[:1]
