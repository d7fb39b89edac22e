"""The first steps: which accounts, then what of them counts. Scoring is the third."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import choosing, connectors, linking
from accounts.connectors.base import Connector
from accounts.figures import moment
from accounts.models import Grant, Source
from accounts.views import person, pressed
from accounts.views.facts import kind_of, reconnect_form

# What is asked for before a network of many servers can be.
_ASKS = {"mastodon": "instance", "bluesky": "handle"}
_ROW_ID = re.compile(r"[0-9]{1,18}")  # fits eight bytes


@dataclass(frozen=True, slots=True)
class Card:
    """A network that can be linked: what it gives, and the form that starts it."""

    network: str
    connector: Connector
    action: str
    asks: str = ""  # the field a form must ask for first


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Which accounts should count? One card a network that is set up."""
    linked = person(request).sources.filter(selected=True).order_by("network", "title")
    context = {"cards": _cards(request), "linked": list(linked)}
    return render(request, "accounts/start.html", context)


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Which of what the network listed counts; the choice is checked with the network again."""
    grant = _own_grant(request, grant_id)
    now, error, ticked = timezone.now(), "", None
    if request.method == "POST" and "look" in request.POST:
        return _look(request, grant)
    if request.method == "POST":
        ticked = _ticked(request)
        try:
            added = choosing.choose(user=person(request), grant=grant, source_ids=ticked, now=now)
        except linking.LinkingError as refused:
            error = str(refused)
        else:
            if added:
                return redirect("first_scoring")
            messages.success(request, _("Saved. What counts is as you see it here."))
            return redirect("links")
    context = _choice(grant, now, ticked) | {"error": error}
    return render(request, "accounts/choose.html", context, status=400 if error else 200)


@pressed("choose", "grant_id")
def choose_again(request: HttpRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Ask the network for its list once more."""
    grant = _own_grant(request, grant_id)
    try:
        choosing.list_targets(grant=grant, now=timezone.now())
    except linking.LinkingError as error:
        messages.error(request, str(error))
    return redirect("choose", grant.pk)


@pressed("choose", "grant_id")
def choose_missing(request: HttpRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Ask the network why something is not on its list, and show what it says."""
    grant, now = _own_grant(request, grant_id), timezone.now()
    asked: dict[str, object] = {"asked": True}
    try:
        asked["causes"] = choosing.causes(grant=grant, now=now)
    except linking.LinkingError as error:
        asked["not_told"] = str(error)
    return render(request, "accounts/choose.html", _choice(grant, now, None) | asked)


@login_not_required
@require_GET
def what_we_read(request: HttpRequest, network: str) -> HttpResponse:
    """What is read of a network, what cannot be, and how long consent lasts."""
    known = {card.network: card for card in _cards(request)}
    card = known.get(network)
    if card is None:
        return redirect("start")
    return render(request, "accounts/what_we_read.html", {"card": card})


def _look(request: HttpRequest, grant: Grant) -> HttpResponse:
    """Show what the ticked choice would do to the score; nothing is saved."""
    now, ticked = timezone.now(), _ticked(request)
    context: dict[str, object]
    try:
        context = {
            "effect": choosing.effect(user=person(request), grant=grant, source_ids=ticked, now=now)
        }
    except linking.LinkingError as refused:
        context = {"error": str(refused)}
    status = 400 if "error" in context else 200
    return render(
        request, "accounts/choose.html", _choice(grant, now, ticked) | context, status=status
    )


def _ticked(request: HttpRequest) -> set[int]:
    return {int(pk) for pk in request.POST.getlist("source") if _ROW_ID.fullmatch(pk)}


def _own_grant(request: HttpRequest, grant_id: uuid.UUID) -> Grant:
    grants = Grant.objects.select_related("account").filter(account__user=person(request))
    return get_object_or_404(grants, pk=grant_id)


def _cards(request: HttpRequest) -> list[Card]:
    """Return a card for each network that is set up, the sample network first."""
    cards = [
        Card(each.id, connectors.get(each.id), reverse(f"{each.id}_start"), _ASKS[each.id])
        if each.id in connectors.OF_MANY_SERVERS
        else Card(each.id, connectors.get(each.id), each.get_login_url(request))
        for each in get_adapter().list_providers(request)
        if connectors.has(each.id)
    ]
    return sorted(cards, key=lambda card: (card.network != "sandbox", card.connector.name))


def _choice(grant: Grant, now: datetime, ticked: set[int] | None) -> dict[str, object]:
    """Return what the page of choosing shows; `ticked` is what was sent, when that was refused."""
    network, issuer = linking.network_of(grant.account)
    sources = list(grant.sources.order_by("-available", "-selectable", "pk"))
    counted = [source for source in sources if source.selected]
    free = [source for source in sources if source.available and source.selectable]
    effects = _effects(grant, counted, now)
    busiest = _busiest(free)
    picks = [
        {
            "source": source,
            "kind": kind_of(source),
            "open": source.available and source.selectable,
            "ticked": source.pk in ticked if ticked is not None else source.selected,
            "recommended": source.pk == busiest,
            "last_post": moment(source.last_post_at, now),
            "effect": effects.get(source.pk, ""),
        }
        for source in sources
    ]
    return {
        "grant": grant,
        "network": linking.name_of(network),
        "issuer": issuer,
        "reconnect": reconnect_form(grant),
        "picks": picks,
        "counted": counted,
        "only": free[0] if len(sources) == 1 and free and not counted else None,
    }


def _busiest(sources: list[Source]) -> int | None:
    """Return the id of the one source with most posts in 90 days, when there is a choice."""
    by_posts = sorted(((source.posts_90d or 0, source.pk) for source in sources), reverse=True)
    if len(by_posts) > 1 and by_posts[0][0] > by_posts[1][0]:
        return by_posts[0][1]
    return None


def _effects(grant: Grant, counted: list[Source], now: datetime) -> dict[int, str]:
    """Return source id -> what the score does when it no longer counts, to end a sentence."""
    if linking.effects_of_unlinking is None or not counted:
        return {}
    ids = [source.pk for source in counted]
    return linking.effects_of_unlinking(grant.account.user_id, ids, now)
