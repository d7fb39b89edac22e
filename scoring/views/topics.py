"""Browsing the taxonomy: areas with their fields, and a search that knows everyday names."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from scoring import words
from scoring.engine.topics.taxonomy import taxonomy
from scoring.views import taxonomy as names


@dataclass(frozen=True, slots=True)
class Area:
    """An area with the fields right below it."""

    link: names.Link
    fields: list[names.Link]


@login_not_required
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """Show all areas, or what a search found."""
    asked = names.asked(request.GET.get("q", ""))
    context = _found(asked) if asked else _everything()
    return render(request, "scoring/topics/browse.html", {"asked": asked} | context)


def _found(asked: str) -> dict[str, Any]:
    found = names.search(asked)
    count = ngettext("%(n)s topic found", "%(n)s topics found", len(found))
    if len(found) == names.MOST_FOUND:
        count = _("The %(n)s nearest")
    return {
        "found": found,
        "count": count % {"n": words.whole(len(found))},
        "meant": [] if found else names.meant(asked),
    }


def _everything() -> dict[str, Any]:
    areas = [
        Area(names.link(area.slug), names.links(taxonomy().children(area.slug)))
        for area in taxonomy().areas
    ]
    levels = [topic.level for topic in taxonomy().topics.values()]
    count = _("%(areas)s areas, %(fields)s fields and %(topics)s topics. Open one to see more.") % {
        "areas": words.whole(levels.count("area")),
        "fields": words.whole(levels.count("field")),
        "topics": words.whole(levels.count("topic")),
    }
    return {"areas": areas, "count": count}
