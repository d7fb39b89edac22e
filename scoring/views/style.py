"""The page of one's style: the place on the grid, the numbers behind it, what each kind means."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.figures import moment
from accounts.views import person
from scoring import styles
from scoring.engine.style import GRID, WINDOW_DAYS
from scoring.models import Style
from scoring.views import style_words as say


@dataclass(frozen=True, slots=True)
class Kind:
    """A field of the grid. mine: the person stands in it."""

    name: str
    breakable: str
    meaning: str
    mine: bool


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Show where the person stands among the sixteen kinds, or what is missing to say so."""
    row = Style.objects.filter(user=person(request)).first()
    context: dict[str, Any] = {"window": WINDOW_DAYS, **face(row)}
    if row is not None:
        numbers = styles.numbers_of(row)
        context |= {
            "as_of": moment(row.as_of, timezone.now()),
            "axes": say.axes(numbers) if numbers.posts else [],
            "missing": say.missing(numbers),
        }
    return render(request, "scoring/style.html", context)


def face(row: Style | None) -> dict[str, Any]:
    """Return the grid with the place of somebody on it, as they and others see it."""
    kind = row.kind if row is not None else ""
    context: dict[str, Any] = {
        "kinds": [
            Kind(say.name(one), say.breakable(one), say.meaning(one), one == kind)
            for line in GRID
            for one in line
        ]
    }
    if row is not None and row.kind:
        context |= {
            "style_name": say.name(kind),
            "style_meaning": say.meaning(kind),
            "across": f"{row.across:.3f}",
            "down": f"{row.down:.3f}",
            "low": (row.down or 0.0) % 1 >= 0.5,  # where the name of the field would lie under it
        }
    return context
