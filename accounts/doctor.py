"""Asks a network, now, everything that may be wrong with one link, and says what it is.

Nine checks in the order in which things break (accounts.checkup), one deadline over all. What
depends on a broken one is not tried; what counts, the clocks and our own set-up always are. A visit
writes nothing about the link: `conclude` does, by the rules of a read.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import checkup, connectors, health
from accounts.checks import STEPS, Broken, Clock, Visit
from accounts.checkup import Check, Result, Status
from accounts.connectors.base import NEEDS_PERSON, Code, ConnectorError, Inspection, Post
from accounts.connectors.deadlines import within
from accounts.linking import LinkingError, refuse_if_halted
from accounts.models import LinkCheck, Source
from accounts.signals import Change, tell
from accounts.speech import say

DEADLINE = 20.0  # seconds for a whole visit
ASK_AGAIN_AFTER = timedelta(minutes=1)
KEEP = timedelta(days=30)
SERVER_GONE_AFTER = timedelta(days=14)  # without an answer

# About rows and settings, so that no network has to answer for them.
_ALWAYS = frozenset({Check.COUNTING, Check.CLOCK, Check.OURS})
_UNTIMED = _ALWAYS | {Check.SCOPES}  # nobody is asked
# Without a call that failed: whether they matter, a read tells.
_A_READ_TELLS = frozenset({Code.SCOPE_MISSING.value, "empty"})


def ask_check(*, source: Source, now: datetime) -> LinkCheck:
    """Have the link looked at by a worker. Raises LinkingError when it cannot or need not be."""
    if source.grant_id is None:
        raise LinkingError(say("An archive is read once, so there is nothing to check."))
    refuse_if_halted(source.network)
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).locked().first()
        last = source.checks.order_by("-asked_at").first()
        if last is not None and now - last.asked_at < ASK_AGAIN_AFTER:
            raise LinkingError(say("We looked less than a minute ago. Press again in a minute."))
        check: LinkCheck = LinkCheck.objects.create(source=source, asked_at=now)
        tell(source, Change.CHECK_ASKED)
    return check


def open_check(source: Source, *, now: datetime) -> LinkCheck:
    """Return the visit that somebody waits for, or a new one."""
    waiting = source.checks.filter(ended_at=None).order_by("-asked_at").first()
    return waiting or LinkCheck.objects.create(source=source, asked_at=now)


def examine(source: Source, *, clock: Clock, progress: Callable[[Visit], None]) -> Visit:
    """Make a visit; `progress` is called after each check. Writes nothing but renewed tokens."""
    assert source.grant is not None, "an archive cannot break"
    visit = Visit(source, source.grant, clock)
    ends = time.monotonic() + DEADLINE
    with within(DEADLINE):
        for check in Check:
            why_not = _why_not(visit, check, late=time.monotonic() >= ends)
            if why_not:
                visit.results.setdefault(check, Result(check, Status.NOT_TRIED, why_not))
            else:
                _try(visit, check)
            progress(visit)
    return visit


def _why_not(visit: Visit, check: Check, *, late: bool) -> str:
    """Return why a check is not tried, or ""."""
    if check in visit.results and check != Check.OURS:
        return say("An earlier answer told.")  # its result stands already
    if check in _ALWAYS:
        return ""
    source = visit.source
    if connectors.is_off(visit.grant.network) or connectors.is_off(source.network, via=source.via):
        return say("Not tried: {name} is switched off here.", name=visit.name)
    if late:
        return say(
            "Not tried: the {deadline} seconds we give a network were over.",
            deadline=f"{DEADLINE:g}",
        )
    for needed in checkup.NEEDS.get(check, ()):
        if visit.results[needed].status in {Status.FAIL, Status.WAIT, Status.NOT_TRIED}:
            return say("Not tried: the broken line above comes first.")
    return ""


def _try(visit: Visit, check: Check) -> None:
    """Try one check and write down what came of it, also about the check that it breaks."""
    began = time.monotonic()
    try:
        found = STEPS[check](visit)
    except ConnectorError as error:
        took = round((time.monotonic() - began) * 1000)
        _put_down(visit, check, error, took)
        return
    took = round((time.monotonic() - began) * 1000)
    asked = None if check in _UNTIMED else took
    visit.results[check] = Result(check, found.status, found.detail, found.finding, asked)


def _put_down(visit: Visit, check: Check, error: ConnectorError, took: int) -> None:
    """Write down an error, at the check that it breaks."""
    breaks = check if isinstance(error, Broken) else checkup.broken_by(error.code, check)
    status = checkup.status_of(error.code, check)
    finding = getattr(error, "finding", error.code.value)
    if check == Check.SERVER and _is_gone(visit, error):
        finding = "server_gone"
    visit.results[breaks] = Result(breaks, status, str(error), finding, took)
    if breaks != check:
        title = checkup.TITLES[breaks].format(network=visit.name, title=visit.source.title)
        visit.results[check] = Result(
            check, Status.NOT_TRIED, say("Not answered: see “{title}”.", title=title), took_ms=took
        )
    dead = breaks == Check.TOKEN and error.code in NEEDS_PERSON
    if status != Status.WARN and (check != Check.TOKEN or dead):
        visit.refused = visit.refused or error


def _is_gone(visit: Visit, error: ConnectorError) -> bool:
    """Tell whether a server of many is silent for so long that it may have ended."""
    source = visit.source
    since = source.code_since if source.code == Code.TRANSIENT else None
    silent = since is not None and visit.clock() - since >= SERVER_GONE_AFTER
    return bool(source.issuer) and error.code == Code.TRANSIENT and silent


def note(*, check: LinkCheck, visit: Visit) -> None:
    """Write down how far a visit is, for the page that waits."""
    check.results = [result.as_row() for result in visit.listed]
    LinkCheck.objects.filter(pk=check.pk).update(results=check.results)


def conclude(*, check: LinkCheck, visit: Visit, now: datetime) -> datetime | None:
    """Write what a visit found, and move the link by the rules of a read.

    What would make a read fail counts as a failed read; a link that was in trouble and answers is
    read again. Returns when to read next, or None for the usual time. Call it in a transaction
    that holds the source.
    """
    source, named = visit.source, checkup.cause(visit.listed)
    check.results = [result.as_row() for result in visit.listed]
    check.finding = named.finding if named else ""
    check.says = _said(visit.inspection)
    check.posts = [_row_of(post) for post in visit.posts or ()]
    check.ended_at = now
    check.save()
    others = source.checks.exclude(pk=check.pk)
    others.filter(asked_at__lt=now - KEEP).delete()
    if check.posts:  # one that was shown none leaves those of before to compare with
        others.exclude(posts=[]).update(posts=[])
    if not source.selected or source.paused_at:
        return None
    if visit.refused is not None:
        return health.reading_failed(
            source_id=source.pk, error=visit.refused, started_at=check.asked_at, now=now
        )
    in_trouble = source.code != Code.OK or source.failures > 0
    if in_trouble or (named is not None and named.finding in _A_READ_TELLS):
        tell(source, Change.READ_ASKED)
    return None


def _said(inspection: Inspection | None) -> dict[str, Any]:
    """Return what a network said about an access as JSON values; {} when it said nothing."""
    if inspection is None:
        return {}
    return {
        "active": inspection.active,
        "since": inspection.since and inspection.since.isoformat(),
        "ends": inspection.expires_at and inspection.expires_at.isoformat(),
        "scopes": None if inspection.scopes is None else list(inspection.scopes),
        "words": inspection.words[:300],
    }


def _row_of(post: Post) -> Mapping[str, Any]:
    """Return what comparing needs of a post: no text."""
    return {
        "id": post.external_id,
        "at": post.created_at.isoformat(),
        "url": post.url,
        "counts": {kind.value: count for kind, count in post.counts.items()},
    }
