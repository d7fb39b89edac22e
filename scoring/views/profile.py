"""The public profile: what a person shows of themselves, to whoever may see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_GET, require_safe

from accounts import handles
from accounts.models import Profile, Source, User
from accounts.searching import named
from accounts.views import person
from accounts.views.facts import moment
from accounts.visibility import MEMBER, STRANGER, Visible, shown
from scoring import topics, words
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import ScoreSnapshot
from scoring.views import series
from scoring.views import taxonomy as names
from scoring.views import topic_words as say

SHOWN_DAYS = 90
_PREVIEWS = {"stranger": STRANGER, "member": MEMBER}


@dataclass(frozen=True, slots=True)
class Known:
    """A topic that a person shows. `filled`: percent of the strongest; "" while nothing proves it.

    `url` is "" for strangers: pages of topics are for members.
    """

    name: str
    url: str
    kind: str
    filled: str


@dataclass(frozen=True, slots=True)
class Account:
    """A linked account that a person shows."""

    name: str
    url: str


@login_not_required
@require_safe
@conditional_page
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
    context = face(whom, found.name, found.visible, members=viewer is not None, now=now)
    context |= {
        "public": found.visible.indexed,
        "address": request.build_absolute_uri(address),
        "card": request.build_absolute_uri(reverse("profile_card", args=[found.name])),
        "own": viewer is not None and viewer.pk == whom.user_id,
        "closed": not shown(whom, MEMBER).page,
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
        members = asked == "member"
        context |= face(whom, handle, visible, members=members, now=timezone.now())
    return render(request, "scoring/profile/preview.html", context)


def face(
    whom: Profile, handle: str, visible: Visible, *, members: bool, now: datetime
) -> dict[str, Any]:
    """Return what a page tells of a person, and nothing that may not be seen.

    members: for somebody who is signed in. Up to five queries, one for most of what is shown.
    """
    context: dict[str, Any] = {
        "name": named(whom.user, handle),
        "handle": handle,
        "initials": _initials(whom.user.display_name or handle),
        "bio": whom.bio,
        "visible": visible,
    }
    latest = _latest(whom.user_id) if visible.score or visible.history else None
    if visible.score:
        has = latest is not None and latest.score is not None
        context["score"] = words.decimal(latest.score) if latest and latest.score else ""
        context["as_of"] = moment(latest.as_of, now) if has and latest else ""
        context["day"] = words.day_year(latest.day) if has and latest else ""
    if visible.history and latest is not None:
        context |= _course(latest, now)
    if visible.topics:
        context["topics"] = _topics(whom.user_id, members=members)
    if visible.networks:
        context["accounts"] = _accounts(whom.user_id)
    return context


def _latest(user_id: int) -> ScoreSnapshot | None:
    rows = ScoreSnapshot.objects.filter(user_id=user_id)
    rows = rows.only("user_id", "day", "model", "as_of", "score")
    return rows.order_by("-day", "-as_of").first()


def _course(latest: ScoreSnapshot, now: datetime) -> dict[str, Any]:
    end = now.date()
    start = end - timedelta(days=SHOWN_DAYS - 1)
    days = series.read(user_id=latest.user_id, model=latest.model, start=start, end=end)
    return {
        "chart": series.chart(days, start=start, end=end),
        "rows": series.table(days, every=7),
    }


def _topics(user_id: int, *, members: bool) -> list[Known]:
    """Return the topics that are told of a person: no sensitive one, whoever added it."""
    told = [one for one in topics.of_person(user_id) if not one.sensitive]
    most = max((one.score.strength for one in told if one.score is not None), default=0.0)
    return [
        Known(
            name=names.name_of(one.slug),
            url=reverse("topic", args=[one.slug]) if members and taxonomy().get(one.slug) else "",
            kind=say.kind(one.kind),
            filled=f"{100 * one.score.strength / most:.1f}" if one.score and most else "",
        )
        for one in told
    ]


def _accounts(user_id: int) -> list[Account]:
    rows = Source.objects.counted().filter(user_id=user_id, grant__isnull=False)
    told = rows.order_by("network", "pk").values_list("network", "title", "url")
    return [
        Account(words.source_name(network, title), words.linkable(url))
        for network, title, url in told
    ]


def _initials(name: str) -> str:
    """Return up to two first letters: "NL" of Nora Lindqvist."""
    parts = name.split()
    return "".join(part[0] for part in parts[:1] + parts[1:][-1:]).upper()
