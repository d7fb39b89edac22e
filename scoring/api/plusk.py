"""+K of the person of a token: what they received and gave, and giving it."""

import hashlib
from collections.abc import Sequence

from django.db import transaction
from ninja import Header, Query, Router, Status

from scoring import plusk
from scoring.api import paging, schemas
from scoring.api.callers import ApiRequest, Caller, asks
from scoring.api.problems import Problem
from scoring.engine.plusk import Reason
from scoring.models import GivenOnce, PlusK
from scoring.plusk import ledger
from scoring.views import taxonomy as names

router = Router(tags=["+K"])


@router.get(
    "/me/plusk/received",
    response=schemas.PlusKs,
    summary="+K that you received",
    **asks("plusk:read"),
)
def received(request: ApiRequest, asked_for: Query[paging.ById]) -> schemas.PlusKs:
    """The newest first, fifty a page; what was taken back is not among them."""
    return _page(
        plusk.received(request.auth.person, before=asked_for.cursor), asked_for.cursor, own=False
    )


@router.get(
    "/me/plusk/given", response=schemas.PlusKs, summary="+K that you gave", **asks("plusk:read")
)
def given(request: ApiRequest, asked_for: Query[paging.ById]) -> schemas.PlusKs:
    """The newest first, fifty a page. Whether it was hidden is not told, here as on the site."""
    return _page(
        plusk.given(request.auth.person, before=asked_for.cursor), asked_for.cursor, own=True
    )


@router.post(
    "/plusk",
    response={201: schemas.Given, 200: schemas.Given},
    summary="Give +K",
    **asks("plusk:give", also=("refused", "key-used")),
)
def give(
    request: ApiRequest,
    body: schemas.Give,
    once: Header[schemas.Keyed],
) -> Status[schemas.Given]:
    """Give +K in your name, by the rules of the site.

    Send a key of your own making with each: asked again with the same one, as after an answer that
    got lost, it gives nothing more and answers 200 with what was given.
    """
    caller = request.auth
    hashed = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    with transaction.atomic():
        ledger.lock(caller.person.pk)
        known = GivenOnce.objects.filter(user=caller.person, key=once.key).select_related("plusk")
        before = known.first()
        if before is not None and before.asked != hashed:
            raise Problem("key-used")
        given = before.plusk if before else _give(caller, body, once.key, hashed)
    left = plusk.left(caller.person, now=caller.now)
    told = schemas.Given(
        id=given.pk,
        to=body.to.lower(),
        topic=given.topic,
        waiting=ledger.state_of(given).waiting,
        left_today=left.number,
        more_at=left.ends_at,
    )
    return Status(200 if before else 201, told)


def _give(caller: Caller, body: schemas.Give, key: str, asked: str) -> PlusK:
    """Give under a key. Raises Problem when a rule says no, or nobody is there."""
    receiver = plusk.find(body.to, viewer=caller.person, now=caller.now)
    if receiver is None:
        raise Problem("not-found")
    try:
        return plusk.give(
            giver_id=caller.person.pk,
            receiver_id=receiver.user.pk,
            topic=body.topic,
            because=body.because,
            public=body.public,
            now=caller.now,
            note=lambda given: GivenOnce.objects.create(
                user=caller.person, key=key, asked=asked, plusk=given, at=caller.now
            ),
        )
    except plusk.PlusKError as refused:
        if refused.reason is Reason.PRIVATE:
            raise Problem("not-found", str(refused)) from refused
        reason = refused.reason.value if refused.reason else None
        raise Problem("refused", str(refused), reason=reason) from refused


def _page(entries: Sequence[plusk.Entry], cursor: int | None, *, own: bool) -> schemas.PlusKs:
    rows = [_told(entry, own=own) for entry in entries]
    return schemas.PlusKs(
        plusk=rows,
        next_cursor=str(rows[-1].id) if len(rows) == plusk.SHOWN else None,
        note=paging.note(rows, cursor),
    )


def _told(entry: plusk.Entry, *, own: bool) -> schemas.PlusK:
    """Return a +K; its giver is not told that it was hidden, only what the site tells as well."""
    state = entry.state
    return schemas.PlusK(
        id=entry.given.pk,
        person=entry.other.name,
        handle=entry.other.handle,
        topic=entry.given.topic,
        name=names.name_of(entry.given.topic),
        because=entry.because,
        public=entry.public,
        at=entry.given.at,
        counts=None if own else state.counts,
        waiting=state.unaccepted if own else state.waiting,
        thanked=state.thanked,
        taken_back=state.undone,
    )
