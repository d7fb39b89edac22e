"""The page of who moved the person, and whom the person moved."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts import linking
from accounts.views import person
from scoring import words
from scoring.people import moved as stored
from scoring.people.moved import Mover, Others


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody, or everybody else of a network, in words. `handle` is "" for the latter."""

    name: str
    handle: str
    acts: str
    points: str


@require_GET
def moved(request: HttpRequest) -> HttpResponse:
    """Show who moved the person and whom they moved, in the last 90 days."""
    user, now = person(request), timezone.now()
    people, others = stored.who_moved(user, now=now)
    mine = stored.whom_moved(user, now=now)
    context = {
        "people": _people(people),
        "others": [_rest(one) for one in others],
        "hidden": mine is None,
        "mine": _people(mine or []),
    }
    return render(request, "scoring/people/moved.html", context)


def _people(found: Iterable[Mover]) -> list[Row]:
    return [Row(one.name, one.handle, _acts(one.acts), _points(one.points)) for one in found]


def _acts(number: int) -> str:
    form = ngettext("%(n)s reaction", "%(n)s reactions", number)
    return form % {"n": words.whole(number)}


def _points(points: float) -> str:
    return words.signed(points, 2)


def _rest(one: Others) -> Row:
    name = _("Others on %(network)s") % {"network": linking.name_of(one.network)}
    form = ngettext(
        "%(n)s person known to the network", "%(n)s people known to the network", one.people
    )
    known = form % {"n": words.whole(one.people)} if one.people else _("counted without names")
    return Row(name, "", known, _points(one.points))
