"""Links of the person of a token: how reading them goes, and what is wrong."""

from ninja import Router

from accounts import diagnosis, operating
from accounts.connectors.base import Code
from accounts.diagnosis import Facts
from accounts.figures import READER
from accounts.models import Source
from accounts.outages import networks_down
from accounts.views.doctor import newest_visit, told_by
from accounts.views.facts import facts_of
from accounts.views.links import RUNS_SHOWN, pause_of
from scoring import words
from scoring.api import schemas, schemas_links
from scoring.api.callers import ApiRequest, asks
from scoring.api.problems import Problem

router = Router(tags=["You"])
_LARGEST = 2**63  # of a row's number


@router.get("/me/links", response=schemas.Links, summary="Your links", **asks("links:read"))
def links(request: ApiRequest) -> schemas.Links:
    """Everything you linked, and how reading it goes. No token of a network is ever told."""
    caller = request.auth
    mine = Source.objects.filter(user=caller.person).select_related("grant__account")
    rows = list(mine.order_by("network", "title", "pk"))
    down, pauses = networks_down(rows, now=caller.now), operating.paused()
    told = []
    for row in rows:
        facts = facts_of(row, caller.now, down=down, pause=pause_of(row, pauses))
        told.append(_link(row, facts))
    return schemas.Links(links=told)


@router.get(
    "/me/links/{link}",
    response=schemas_links.LinkDetail,
    summary="What is wrong with a link",
    **asks("links:read"),
)
def link(request: ApiRequest, link: int) -> schemas_links.LinkDetail:
    """What is not as it should be, the most pressing first, and the reads of 30 days."""
    caller = request.auth
    mine = Source.objects.filter(user=caller.person).select_related("grant__account")
    row = mine.filter(pk=link).first() if 0 < link < _LARGEST else None
    if row is None:
        raise Problem("not-found")
    runs = list(row.runs.order_by("-started_at", "-pk")[:RUNS_SHOWN])
    good = next((run for run in runs if run.code == Code.OK), None)
    down, pause = networks_down([row], now=caller.now), pause_of(row, operating.paused())
    last_try = told_by(newest_visit(row), row, runs)
    facts = facts_of(row, caller.now, good, down=down, last_try=last_try, pause=pause)
    return schemas_links.LinkDetail(
        link=_link(row, facts),
        findings=[
            schemas_links.Finding(
                code=one.code,
                severity=one.severity,
                title=one.title,
                why=one.why,
                what_to_do=one.what_to_do,
            )
            for one in diagnosis.diagnose(facts)
        ],
        reads=[
            schemas_links.Run(
                started_at=run.started_at,
                ended_at=run.ended_at,
                code=run.code,
                title=diagnosis.title_of(Code(run.code), facts),
                posts=run.posts,
                reactions=run.reactions,
                left_out=diagnosis.left_out_in_words(run.left_out, READER),
            )
            for run in runs
        ],
    )


def _link(row: Source, facts: Facts) -> schemas.Link:
    return schemas.Link(
        id=row.pk,
        network=row.network,
        kind=row.kind,
        title=row.title,
        url=words.linkable(row.url),
        counts=row.selected,
        state=facts.state,
        says=diagnosis.state_text(facts).says,
        followers=row.followers,
        posts_90_days=row.posts_90d,
        limited=list(row.limited),
        read_at=row.read_at,
        tried_at=row.tried_at,
        retry_at=row.retry_at,
    )
