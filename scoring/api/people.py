"""What other people show: to members by a token, to everyone without."""

from ninja import Query, Router, Schema
from pydantic import Field

from accounts import asked, handles, searching
from accounts.handles import Found
from accounts.models import Profile
from accounts.visibility import Visible
from scoring import plusk, topics
from scoring.api import page, schemas, schemas_page
from scoring.api.callers import ApiRequest, Caller, asks
from scoring.api.problems import Problem
from scoring.api.score import milestones_of
from scoring.models import ScoreSnapshot
from scoring.views import profile as pages
from scoring.views import taxonomy as names

router = Router(tags=["People"])


class Search(Schema):
    """Whom to look for."""

    q: str = Field(
        min_length=searching.SHORTEST,
        max_length=searching.LONGEST,
        description="The beginning of a handle, or a part of a name.",
        examples=["nor"],
    )


@router.get("/people", response=schemas.FoundPeople, summary="Find people", **asks("people:read"))
def people(request: ApiRequest, asked_for: Query[Search]) -> schemas.FoundPeople:
    """People who want to be found by members, twenty at most."""
    found = searching.search(asked_for.q, viewer=request.auth.person)
    return schemas.FoundPeople(
        people=[schemas.FoundPerson(handle=one.handle, name=one.name) for one in found]
    )


@router.get(
    "/people/{handle}",
    response=schemas_page.Person,
    summary="What somebody shows you",
    **asks("people:read"),
)
def person(request: ApiRequest, handle: str) -> schemas_page.Person:
    """The page of a person as you see it when you are signed in."""
    caller = request.auth
    found, whom = _found(caller, handle)
    visible = found.visible
    return schemas_page.Person(
        handle=found.name,
        name=searching.named(whom.user, found.name),
        about=whom.bio,
        score=_score(caller, found, whom) if visible.score else None,
        topics=_topics(whom.user_id, visible) if visible.topics else None,
        badges=page.badges_shown(whom.user_id) if visible.badges else None,
        style=page.style_shown(whom.user_id) if visible.style else None,
        moments=page.moments_shown(whom.user_id, now=caller.now) if visible.moments else None,
        accounts=[
            schemas.Account(name=one.name, url=one.url) for one in pages.accounts_of(whom.user_id)
        ]
        if visible.networks
        else None,
        milestones=milestones_of(whom.user_id) if visible.feed else None,
    )


@router.get(
    "/people/{handle}/score",
    response=schemas.PublicScore,
    summary="The score of somebody who shows it",
    **asks("people:read", optional=True),
)
def public_score(request: ApiRequest, handle: str) -> schemas.PublicScore:
    """Without a token: of people who show their score to everyone. With one: to you."""
    caller = request.auth
    found, whom = _found(caller, handle)
    if not found.visible.score:
        raise Problem("not-found")
    return _score(caller, found, whom)


def _found(caller: Caller, handle: str) -> tuple[Found, Profile]:
    """Return whom a handle means. Raises Problem for nobody, private and blocked alike."""
    found = handles.find(handle, viewer=caller.user, now=caller.now)
    if found.profile is None:
        raise Problem("not-found")
    return found, found.profile


def _score(caller: Caller, found: Found, whom: Profile) -> schemas.PublicScore:
    if caller.user is not None:
        asked.count(user_id=whom.user_id, by_id=caller.user.pk, now=caller.now)
    rows = ScoreSnapshot.objects.filter(user_id=whom.user_id).defer("made_of")
    row = rows.order_by("-day", "-as_of").first()
    return schemas.PublicScore(
        handle=found.name,
        name=searching.named(whom.user, found.name),
        score=row.score if row else None,
        low=row.low if row else None,
        high=row.high if row else None,
        day=row.day if row else None,
        as_of=row.as_of if row else None,
    )


def _topics(user_id: int, visible: Visible) -> list[schemas.Topic]:
    counts = plusk.totals_of(user_id) if visible.plusk else None
    return [
        schemas.Topic(
            topic=one.slug,
            name=names.name_of(one.slug),
            mark=one.kind,
            plusk=None if counts is None else counts.get(one.slug, 0),
        )
        for one in topics.shown_to_others(user_id, visible)
    ]
