"""Who moved the person of a token, the pulse, and when their posts are answered most."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from ninja import Query, Router

from accounts import asked, linking
from accounts.zones import zone_of
from scoring.api import schemas_others as schemas
from scoring.api.callers import ApiRequest, asks
from scoring.api.problems import Problem
from scoring.engine import timing
from scoring.engine.timing import BANDS, Share
from scoring.people import moved, posting, pulse
from scoring.views import taxonomy as names

router = Router(tags=["You and others"])
_HOURS = 24 // BANDS


@router.get(
    "/me/moved",
    response=schemas.Moved,
    summary="Who moved you, and whom you moved",
    **asks("people:read"),
)
def my_moved(request: ApiRequest) -> schemas.Moved:
    """Reactions of the last 90 days, by the points they brought.

    By name those alone who show you their page and accounts; all others by network.
    """
    user, now = request.auth.person, request.auth.now
    people, others = moved.who_moved(user, now=now)
    mine = moved.whom_moved(user, now=now)
    return schemas.Moved(
        window_days=moved.WINDOW.days,
        people=_movers(people),
        others=[
            schemas.Others(
                network=linking.name_of(one.network), people=one.people, points=one.points
            )
            for one in others
        ],
        moved_by_you=None if mine is None else _movers(mine),
    )


@router.get("/me/pulse", response=schemas.Pulse, summary="The pulse", **asks("people:read"))
def my_pulse(request: ApiRequest, asked_for: Query[schemas.PulseOf]) -> schemas.Pulse:
    """People who show you their score, as of the last whole day; 25 a page, 500 at most.

    They read that a program of yours asked.
    """
    user, now = request.auth.person, request.auth.now
    slug = names.called(asked_for.topic)
    if asked_for.topic and not slug:
        said = _("There is no topic of this name. Search for it among all topics.")
        raise Problem("not-found", said)
    found = pulse.pulse(user, now=now, among=asked_for.of, topic=slug, page=asked_for.page)
    beyond = asked_for.page > found.pages
    people = [] if beyond else found.people
    others = [one.user_id for one in people if one.user_id != user.pk]
    if others:
        asked.count_all(user_ids=others, by_id=user.pk, now=now)
    return schemas.Pulse(
        day=found.day,
        people=[
            schemas.InPulse(
                name=one.name,
                handle=one.handle,
                you=one.user_id == user.pk,
                place=one.place,
                score=one.score,
                week_change=one.risen,
            )
            for one in people
        ],
        population=found.population,
        listed=found.shown,
        pages=found.pages,
        note=_("Nothing lies beyond the last page.") if beyond else "",
    )


@router.get(
    "/me/when",
    response=schemas.When,
    summary="When your posts are answered most",
    **asks("score:read"),
)
def when(request: ApiRequest) -> schemas.When:
    """Three-hour bands and weekdays where the person is, over 180 days, with how sure each is."""
    user = request.auth.person
    heard = posting.of_person(user.pk, zone=zone_of(user.time_zone), now=request.auth.now)
    enough = not (heard.posts_missing or heard.days_missing)
    found = timing.timing(heard.posts)
    return schemas.When(
        time_zone=user.time_zone,
        window_days=posting.WINDOW.days,
        posts=found.posts,
        posts_missing=heard.posts_missing,
        days_missing=heard.days_missing,
        usual_percent=100 * found.usual if enough else None,
        bands=[
            schemas.Band(from_hour=at * _HOURS, to_hour=(at + 1) * _HOURS, **_share(one))
            for at, one in enumerate(found.bands)
        ]
        if enough
        else [],
        weekdays=[
            schemas.Weekday(weekday=at, **_share(one)) for at, one in enumerate(found.days, start=1)
        ]
        if enough
        else [],
    )


def _movers(found: Iterable[moved.Mover]) -> list[schemas.Mover]:
    return [
        schemas.Mover(name=one.name, handle=one.handle, reactions=one.acts, points=one.points)
        for one in found
    ]


def _share(one: Share) -> dict[str, Any]:
    return {
        "posts": one.posts,
        "above": one.above,
        "low_percent": 100 * one.low,
        "high_percent": 100 * one.high,
        "word": one.word.value,
    }
