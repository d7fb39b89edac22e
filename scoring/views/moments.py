"""The page of moments: what moved most in 90 days, who responded, and what is left out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.models import Audience, Profile, User
from accounts.views import person, pressed
from accounts.views.paging import page_of
from accounts.visibility import reach
from scoring import words
from scoring.models import Post, ScoreSnapshot
from scoring.people import moments as stored
from scoring.people.moments import Moment, Responded
from scoring.views import cards

A_PAGE = 10
NAMED = 5  # people of one moment
_ORDERS: dict[str, tuple[str | Promise, Callable[[Moment], float]]] = {
    "points": (gettext_lazy("Points"), lambda one: -one.points),
    "day": (gettext_lazy("Newest"), lambda one: -one.post.created_at.timestamp()),
    "people": (gettext_lazy("People"), lambda one: -(one.people or 0)),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A moment in words. steps: five, True as far as the meter goes; meter: the same in words."""

    pk: int
    day: str
    title: str
    url: str
    where: str
    points: str
    steps: tuple[bool, ...]
    meter: str
    did: tuple[str, ...]
    people: str
    named: Sequence[Responded]
    others: str
    private: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort, and whether the page is sorted so."""

    key: str
    name: str
    current: bool


@require_GET
def moments(request: HttpRequest) -> HttpResponse:
    """Show the person the posts that moved most, sorted as they ask."""
    user, now = person(request), timezone.now()
    order = request.GET.get("by", "points")
    if order not in _ORDERS:
        raise Http404(_("There is no such order of moments."))
    found = sorted(stored.of_person(user.pk, now=now), key=_ORDERS[order][1])
    page = page_of(found, A_PAGE, request.GET.get("page"))
    removed = stored.removed(user.pk, now=now)
    named = stored.responded([one.post.pk for one in page.rows], author=user) if found else {}
    context = {
        "cards": [card(one, named) for one in page.rows],
        "page": page,
        "by": order,
        "orders": [Order(key, str(name), key == order) for key, (name, _) in _ORDERS.items()],
        "removed": [(one.pk, _title(one)) for one in removed],
        "audience": _audience(user),
        "steps": [words.decimal(step) for step in stored.STEPS],
        **({} if found or removed else _so_far(user.pk)),
    }
    return render(request, "scoring/people/moments.html", context)


def _so_far(user_id: int) -> dict[str, Any]:
    """Return the posts that give most of the newest score, while the ledger tells of none."""
    scored = ScoreSnapshot.objects.filter(user_id=user_id, score__isnull=False)
    newest = scored.order_by("-day", "-as_of").first()
    return {"posts": cards.made_of(newest)["posts"]} if newest else {}


def _audience(user: User) -> str:
    profile = Profile.objects.select_related("user").filter(user=user).first()
    return {
        Audience.EVERYONE: _("Everyone sees those of them that are public at the network."),
        Audience.MEMBERS: _("Members see those of them that are public at the network."),
        Audience.NOBODY: _("Nobody else sees them."),
    }[reach(profile, "moments")]


@pressed("moments")
def moment_change(request: HttpRequest, post_id: int, act: str) -> HttpResponse:
    """Remove a post from the person's moments, or put it back."""
    user_id = person(request).pk
    try:
        if act == "remove":
            stored.remove(user_id, post_id, now=timezone.now())
            messages.success(request, _("Removed. It still counts, and is no moment any more."))
        elif act == "restore":
            stored.put_back(user_id, post_id)
            messages.success(request, _("It can be a moment again."))
        else:
            raise Http404(_("There is nothing of this name to do about a moment."))
    except Post.DoesNotExist as error:
        raise Http404(_("There is no such post of yours.")) from error
    return redirect("moments")


def shown(user_id: int, *, most: int) -> list[Card]:
    """Return the largest moments as others see them: nobody who responded is named. Two queries."""
    return [card(one, {}) for one in stored.shown_to_others(user_id, now=timezone.now(), most=most)]


def card(one: Moment, named: Mapping[int, Sequence[Responded]]) -> Card:
    """Return a moment in words. named: post -> people who may be named."""
    post, people = one.post, named.get(one.post.pk, ())
    more = len(people) - NAMED
    return Card(
        pk=post.pk,
        day=words.day_year(post.created_at.date()),
        title=_title(post),
        url=words.linkable(post.url),
        where=words.source_name(post.source.network, post.source.title),
        points=_points(one.points),
        steps=tuple(at < one.step for at in range(len(stored.STEPS) + 1)),
        meter=_("Step %(step)s of 5") % {"step": one.step},
        did=tuple(words.did(kind, count) for kind, count in one.kinds),
        people=_people(one.people),
        named=people[:NAMED],
        others=_others(more) if more > 0 else "",
        private=post.visibility != "public",
    )


def _points(points: float) -> str:
    form: Any = _("%(points)s points")
    return str(form % {"points": words.signed(points, 1 if points >= 1 else 2)})


def _people(number: int | None) -> str:
    if not number:
        return ""
    form = ngettext(
        "%(n)s person known to the network", "%(n)s people known to the network", number
    )
    return form % {"n": words.whole(number)}


def _others(number: int) -> str:
    form = ngettext("and %(n)s more", "and %(n)s more", number)
    return form % {"n": words.whole(number)}


def _title(post: Post) -> str:
    return post.excerpt or words.untitled()
