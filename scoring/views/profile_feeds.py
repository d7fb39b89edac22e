"""Milestones of a person as JSON Feed and as Atom, for those whose score and history are open.

Sources: https://www.jsonfeed.org/version/1.1/, RFC 4287.
"""

import uuid
from datetime import UTC, datetime, time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from accounts import handles
from accounts.models import Profile
from accounts.searching import named
from accounts.views.for_all import for_all, kept
from scoring import milestones, words
from scoring.badges import names
from scoring.milestones import Milestone


@for_all
def feed_json(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer the milestones as JSON Feed 1.1."""
    found, whom, reached = _open(handle)
    name = found.name
    page = request.build_absolute_uri(reverse("profile", args=[name]))
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(whom, name),
        "home_page_url": page,
        "feed_url": request.build_absolute_uri(reverse("profile_feed_json", args=[name])),
        "authors": [{"name": named(whom.user, name), "url": page}],
        "items": [
            {
                "id": _id(whom, one),
                "url": page,
                "title": _says(one),
                "content_text": f"{_says(one)}.",
                "date_published": _at(one).isoformat(),
            }
            for one in reached
        ],
    }
    response = JsonResponse(feed, content_type="application/feed+json")
    return kept(response, listed=found.visible.indexed)


@for_all
def feed_atom(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer the milestones as Atom."""
    found, whom, reached = _open(handle)
    name = found.name
    page = request.build_absolute_uri(reverse("profile", args=[name]))
    feed = _Atom(
        title=_title(whom, name),
        link=page,
        description="",
        author_name=named(whom.user, name),
        author_link=page,
        feed_url=request.build_absolute_uri(reverse("profile_feed_atom", args=[name])),
        feed_guid=whom.key.urn,
    )
    for one in reached:
        feed.add_item(
            title=_says(one),
            link=page,
            description=f"{_says(one)}.",
            unique_id=_id(whom, one),
            pubdate=_at(one),
            updateddate=_at(one),
        )
    text = feed.writeString("utf-8")
    response = HttpResponse(text, content_type=_Atom.content_type)
    return kept(response, listed=found.visible.indexed)


class _Atom(Atom1Feed):
    """A feed as old as its newest entry; Django's, without any, would be new at every look."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime.fromtimestamp(0, UTC)


def _open(handle: str) -> tuple[handles.Found, Profile, list[Milestone]]:
    """Return whose feed it is and the milestones. Raises Http404.

    Whoever asks is a stranger: a reader of feeds is not signed in.
    """
    found = handles.find(handle, viewer=None, now=timezone.now())
    if found.profile is None or not found.visible.feed:
        raise Http404
    reached = milestones.of_person(found.profile.user_id)
    if found.visible.badges:
        reached += milestones.of_badges(found.profile.user_id)
        reached.sort(key=lambda one: one.day, reverse=True)
    return found, found.profile, reached


def _title(whom: Profile, name: str) -> str:
    return _("Milestones of %(name)s") % {"name": named(whom.user, name)}


def _says(one: Milestone) -> str:
    day = words.day_year(one.day)
    if one.badge:
        return _("Badge earned on %(day)s: %(badge)s") % {
            "day": day,
            "badge": names.titled(one.badge),
        }
    if one.points is None:
        return _("First score on %(day)s") % {"day": day}
    return _("Score of %(points)s reached on %(day)s") % {"points": one.points, "day": day}


def _id(whom: Profile, one: Milestone) -> str:
    """Return a name that is the same for good, whatever handle the person has."""
    return uuid.uuid5(whom.key, one.code).urn


def _at(one: Milestone) -> datetime:
    return datetime.combine(one.day, time(), UTC)
