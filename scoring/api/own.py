"""What else stands on the pages of the person of a token: cases, tokens and whom they blocked."""

from typing import Any

from django.db.models import F
from ninja import Router

from accounts import blocking, tokens
from accounts.case_subjects import titled
from accounts.models import CaseMessage
from accounts.views.cases import SHOWN
from scoring.api import schemas_links as schemas
from scoring.api.callers import ApiRequest, asks
from scoring.api.problems import Problem

router = Router(tags=["You"])
_LARGEST = 2**63  # of a row's number


@router.get("/me/cases", response=schemas.Cases, summary="Your cases", **asks("cases:read"))
def cases(request: ApiRequest) -> schemas.Cases:
    """What you asked us for help with, the open ones first."""
    open_first = F("closed_at").asc(nulls_first=True)
    mine = request.auth.person.cases.with_turn().order_by(open_first, "-changed_at")
    return schemas.Cases(cases=[_case(one) for one in mine[:SHOWN]])


@router.get("/me/cases/{case}", response=schemas.CaseDetail, summary="A case", **asks("cases:read"))
def case(request: ApiRequest, case: int) -> schemas.CaseDetail:
    """A case with all that was written in it."""
    mine = request.auth.person.cases.with_turn()
    one = mine.filter(pk=case).first() if 0 < case < _LARGEST else None
    if one is None:
        raise Problem("not-found")
    return schemas.CaseDetail(
        case=_case(one),
        report=one.report,
        messages=[
            schemas.Message(by=_by(each), text=each.text, at=each.at) for each in one.messages.all()
        ],
    )


@router.get("/me/tokens", response=schemas.Tokens, summary="Your tokens", **asks("profile:read"))
def my_tokens(request: ApiRequest) -> schemas.Tokens:
    """Those that work. They are made and revoked on the site alone."""
    rows = tokens.living(request.auth.person, now=request.auth.now)
    return schemas.Tokens(
        tokens=[
            schemas.Token(
                id=one.pk,
                name=one.name,
                begins=one.begins,
                scopes=one.scopes,
                made_at=one.made_at,
                ends_at=one.ends_at,
                last_used_on=one.last_used_on.isoformat() if one.last_used_on else None,
            )
            for one in rows
        ]
    )


@router.get(
    "/me/blocks", response=schemas.Blocks, summary="Whom you blocked", **asks("profile:read")
)
def blocks(request: ApiRequest) -> schemas.Blocks:
    """People who find nothing of yours; they are not told."""
    rows = blocking.blocked_by(request.auth.person)
    return schemas.Blocks(
        blocked=[
            schemas.Blocked(
                name=one.blocked.display_name,
                handle=one.handle or "",
                at=one.at,
            )
            for one in rows
        ]
    )


def _case(one: Any) -> schemas.Case:
    return schemas.Case(
        id=one.pk,
        subject=titled(one),
        link_id=one.source_id,
        opened_at=one.opened_at,
        changed_at=one.changed_at,
        closed_at=one.closed_at,
        answered=bool(one.answered),
    )


def _by(one: CaseMessage) -> str:
    if one.by_operator:
        return "operator"
    return "site" if one.author_id is None else "you"
