"""The page of the pulse: the reader and their friends, who rises, by topic, and everybody.

Who is not signed in reads of those alone who show their score to everyone.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.views.paging import Page, number_of
from scoring import pipeline, words
from scoring.people import pulse as stored
from scoring.people.pulse import Among, One, Pulse
from scoring.views import taxonomy as names
from scoring.views.strangers import limited

_LISTS: dict[Among, str | Promise] = {
    Among.FRIENDS: gettext_lazy("You and friends"),
    Among.RISERS: gettext_lazy("Risers of the week"),
    Among.ALL: gettext_lazy("Everybody"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in words. place, week: "" where it is not told; direction: "up", "down" or ""."""

    name: str
    handle: str
    own: bool
    place: str
    score: str
    week: str
    direction: str


@dataclass(frozen=True, slots=True)
class List:
    """A list to choose, and whether it is this one."""

    key: str
    name: str
    current: bool


@login_not_required
@require_safe
@limited
def pulse(request: HttpRequest) -> HttpResponse:
    """Show who moves here, of those who show it to the reader."""
    viewer = request.user if isinstance(request.user, User) else None
    asked = request.GET.get("of", Among.FRIENDS if viewer else Among.ALL)
    if asked not in {*Among}:
        raise Http404(_("There is no such list of people."))
    among = Among(asked)
    if viewer is None and among is Among.FRIENDS:
        return redirect_to_login(request.get_full_path())
    typed = names.asked(request.GET.get("topic", ""))
    slug = names.called(typed)
    number = number_of(request.GET.get("page"))
    found = stored.pulse(viewer, now=timezone.now(), among=among, topic=slug, page=number)
    people = found.people if number <= found.pages else []
    page = Page([_row(one, viewer) for one in people], number, found.pages)
    context: dict[str, Any] = {
        "lists": [List(one.value, str(name), one is among) for one, name in _LISTS.items()],
        "of": among.value,
        "page": page,
        "people": page.rows,
        "friends": among is Among.FRIENDS,
        "cover": _cover(found),
        "few": "" if found.ranked else _few(),
        "typed": names.name_of(slug) if slug else typed,
        "unknown": bool(typed and not slug),
    }
    return render(request, "scoring/people/pulse.html", context)


def _row(one: One, viewer: User | None) -> Row:
    moved = None if one.risen is None else round(one.risen, 1)
    return Row(
        name=one.name,
        handle=one.handle,
        own=viewer is not None and one.user_id == viewer.pk,
        place=f"{one.place}." if one.place else "",
        score=words.decimal(one.score),
        week="" if moved is None else words.signed(moved),
        direction="" if moved is None else words.direction(moved),
    )


def _cover(found: Pulse) -> str:
    """Return how many people there are, and how many of them are in the list."""
    form = ngettext(
        "Scores of %(day)s. %(n)s person here has one; %(shown)s in this list.",
        "Scores of %(day)s. %(n)s people here have one; %(shown)s in this list.",
        found.population,
    )
    return form % {
        "day": words.day_year(found.day),
        "n": words.whole(found.population),
        "shown": words.whole(found.shown),
    }


def _few() -> str:
    return _("Too few to rank: places are shown from %(n)s people on.") % {
        "n": pipeline.RANKED_FROM
    }
