"""Notices of the person of a token: the list, what was read, the switches; and what is mailed."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Query, Router

from accounts import mailing, notices
from accounts.models import Mailing, Notice, NoticeChoice, User
from accounts.notice_kinds import GROUPS, KINDS, Mail, address, sentence
from accounts.views.notes import SHOWN
from scoring.api import paging
from scoring.api import schemas_notices as schemas
from scoring.api.callers import ApiRequest, asks
from scoring.api.problems import Fault, Problem

router = Router(tags=["Notices"])


@router.get(
    "/me/notices", response=schemas.Notices, summary="What happened", **asks("notices:read")
)
def my_notices(request: ApiRequest, asked_for: Query[paging.ById]) -> schemas.Notices:
    """The newest first, fifty a page, without the kinds that are switched off.

    Asking marks nothing as read.
    """
    user = request.auth.person
    mine = Notice.objects.filter(user=user, kind__in=KINDS)
    rows = notices.with_names(mine.listed())
    if asked_for.cursor is not None:
        rows = rows.filter(pk__lt=asked_for.cursor)
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    told = [_notice(one) for one in found[:SHOWN]]
    return schemas.Notices(
        notices=told,
        unread=mine.unread().count(),
        next_cursor=str(told[-1].id) if len(found) > SHOWN else None,
        note=paging.note(told, asked_for.cursor),
    )


@router.post(
    "/me/notices/read",
    response=schemas.Unread,
    summary="Mark notices as read",
    **asks("notices:write"),
)
def read(request: ApiRequest, body: schemas.Read) -> schemas.Unread:
    """All up to one of them, or that one alone. What is read already stays so."""
    user = request.auth.person
    notices.mark_read(
        person_id=user.pk, until=body.until, only=body.only_this, now=request.auth.now
    )
    return schemas.Unread(unread=Notice.objects.filter(user=user, kind__in=KINDS).unread().count())


@router.get(
    "/me/notices/kinds",
    response=schemas.Kinds,
    summary="Which kinds are listed and mailed",
    **asks("notices:read"),
)
def kinds(request: ApiRequest) -> schemas.Kinds:
    """Every kind of notice with its two switches."""
    choices = NoticeChoice.objects.filter(user=request.auth.person)
    chosen = {one.kind: one for one in choices}
    return schemas.Kinds(kinds=[_kind(name, chosen.get(name)) for name in KINDS])


@router.put(
    "/me/notices/kinds/{kind}",
    response=schemas.Kind,
    summary="List a kind, or do so no longer",
    **asks("notices:write"),
)
def switch(request: ApiRequest, kind: str, body: schemas.Switch) -> schemas.Kind:
    """What was told stays, for when it is listed again. What is mailed is chosen on the site.

    Kinds that protect the account stay listed: a token that was stolen must not hide itself.
    """
    if kind not in KINDS:
        raise Problem("not-found", _("There is no such kind of notice."))
    user = request.auth.person
    try:
        notices.set_listed(person_id=user.pk, kind=kind, listed=body.listed)
    except notices.AlwaysListed:
        what = _("What protects your account is always listed.")
        raise Problem("invalid", errors=[Fault(where="body.listed", what=what)]) from None
    return _kind(kind, NoticeChoice.objects.filter(user=user, kind=kind).first())


@router.get("/me/mails", response=schemas.Mails, summary="What is mailed", **asks("notices:read"))
def mails(request: ApiRequest) -> schemas.Mails:
    """When mails come, and of what sorts; those that protect the account always do."""
    user: User = request.auth.person
    mine = Mailing.objects.filter(user=user).first() or Mailing(user=user)
    digest: Any = mine.digest or "never"
    last = next(iter(mailing.refused(user)), None)
    return schemas.Mails(
        address=mailing.address_of(user),
        links_and_cases=user.link_mails,
        perks=mine.perks,
        digest=digest,
        quiet_from=mine.quiet_from,
        quiet_to=mine.quiet_to,
        next_morning_at=mine.next_at,
        refused=last.address if last else "",
        refused_at=last.at if last else None,
        refused_words=last.words if last else "",
    )


def _notice(one: Any) -> schemas.Notice:
    path = address(one.kind, one.values)
    return schemas.Notice(
        id=one.pk,
        kind=one.kind,
        title=str(KINDS[one.kind].title),
        text=sentence(one.kind, one.values, who=notices.who(one)),
        url=settings.SITE_URL + (path or reverse("notes")),
        at=one.at,
        read_at=one.read_at,
    )


def _kind(name: str, choice: NoticeChoice | None) -> schemas.Kind:
    kind = KINDS[name]
    return schemas.Kind(
        kind=name,
        title=str(kind.title),
        group=str(GROUPS[kind.group]),
        listed=choice is None or choice.listed,
        mail=kind.mail.value,
        mailed=choice is not None and choice.mailed if kind.mail == Mail.MORNING else None,
    )
