"""The nine checks of a link: press, watch, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import doctor
from accounts.causes import connected_there
from accounts.checkup import ASKS, TITLES, Check, Result, Status
from accounts.connectors.base import Code
from accounts.diagnosis import Facts, doubted, finding
from accounts.figures import READER, decimal, moment
from accounts.findings import Finding
from accounts.linking import LinkingError, name_of
from accounts.models import LinkCheck, Source, SyncRun
from accounts.views import HtmxRequest, own_source

NOTHING_CHANGED = 204
# A visit that no worker ended by then was lost with its worker, or waits in a long line.
LATE_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Line:
    """One check on the page."""

    name: str
    asks: str
    status: str
    detail: str
    took: str


@require_http_methods(["GET", "POST"])
def link_check(request: HtmxRequest, source_id: int) -> HttpResponse:
    """Have a link looked at on POST; on GET show htmx how far that is, and others the link."""
    source = own_source(request, source_id)
    if request.method == "POST":
        try:
            doctor.ask_check(source=source, now=timezone.now())
        except LinkingError as error:
            messages.error(request, str(error))
        return redirect("link", source.pk)
    if not request.htmx:
        return redirect("link", source.pk)
    card = card_of(source, timezone.now())
    if not card["running"]:  # the findings above the list may be others now
        return HttpResponse(headers={"HX-Refresh": "true"})
    if request.GET.get("seen") == str(card["seen"]):
        return HttpResponse(status=NOTHING_CHANGED)
    context = card | {"source": source, "network": name_of(source.network)}
    return render(request, "accounts/_checks.html", context)


def card_of(source: Source, now: datetime, *, halted: bool = False) -> dict[str, Any]:
    """Return what the page shows of the newest visit; `visited` is None where there was none.

    `halted`: an operator paused the network, so that there is nothing to press.
    """
    visit = newest_visit(source)
    running = visit is not None and visit.ended_at is None and now - visit.asked_at < LATE_AFTER
    results = [Result.of_row(row) for row in visit.results] if visit else []
    return {
        "visited": visit,
        "lines": _lines(source, results, running=running),
        "running": running,
        "can_check": source.grant_id is not None and not running and not halted,
        "late": visit is not None and visit.ended_at is None and not running,
        "seen": len(results),
        "checked_at": moment(visit.ended_at, now) if visit else "",
        "says": _says(source, visit, now) if visit else (),
        "whys": connected_there(source.network) if source.grant_id and not halted else (),
        "can_compare": source.grant_id is not None and _was_shown_posts(source),
    }


def newest_visit(source: Source) -> LinkCheck | None:
    """Return the newest visit of a link, None where there was none or it is past. One query."""
    visit = source.checks.order_by("-asked_at", "-pk").first() if source.grant_id else None
    return None if visit is not None and _outdated(source, visit) else visit


def _outdated(source: Source, visit: LinkCheck) -> bool:
    """Tell whether a read or a new connection came after the visit: what it found is past."""
    if visit.ended_at is None or source.grant is None:
        return False
    tried = source.tried_at is not None and source.tried_at > visit.ended_at
    return tried or source.grant.issued_at > visit.asked_at


def _was_shown_posts(source: Source) -> bool:
    return source.checks.exclude(ended_at=None).exclude(posts=[]).exists()


def told_by(visit: LinkCheck | None, source: Source, runs: Sequence[SyncRun]) -> str:
    """Return the code of what the newest try was told: a read of `runs`, newest first, or a visit.

    A visit that was refused is the link's last try, and names more than its read would.
    """
    if visit is not None and visit.finding and visit.ended_at == source.tried_at:
        return visit.finding
    return runs[0].code if runs else Code.OK


def found_by(visit: LinkCheck | None, facts: Facts, known: set[str]) -> Finding | None:
    """Return what the newest visit found and no other finding of the page tells."""
    if visit is None or visit.ended_at is None or visit.finding in known:
        return None
    if doubted(facts) and visit.finding == facts.refused_as:
        return None  # told already, as a refusal that is not believed yet
    return finding(visit.finding, facts)


def _lines(source: Source, results: list[Result], *, running: bool) -> list[Line]:
    """Return a line for each check, in order; while a visit runs, also for those to come."""
    done = {result.check: result for result in results}
    names = {"network": name_of(source.network), "title": source.title}
    lines, next_one, say = [], running, READER.sentence
    for check in Check:
        result = done.get(check)
        name, asks = say(TITLES[check]).format(**names), say(ASKS[check])
        if result is None:
            status = Status.WAIT if next_one else Status.NOT_TRIED
            next_one = False
            took = _("now") if status else ""
            lines.append(Line(name, asks, status, "", took))
            continue
        lines.append(
            Line(
                name,
                asks,
                result.status,
                result.detail,
                _seconds(result.took_ms),
            )
        )
    return lines


def _seconds(took_ms: int | None) -> str:
    return "" if took_ms is None else _("%(n)s s") % {"n": decimal(took_ms / 1000, 2)}


def _says(source: Source, visit: LinkCheck, now: datetime) -> tuple[str, ...]:
    """Return what the network itself says about the access, as sentences; () when it said nothing.

    "It lists you as connected" is answered here: by the network, not by us.
    """
    said: Mapping[str, Any] = visit.says
    if not said:
        return ()
    name = name_of(source.network)
    at = moment(visit.ended_at, now)
    if said["active"]:
        sentences = [_("Asked at %(at)s, %(name)s says: this access is valid.")]
    else:
        sentences = [
            _(
                "Asked at %(at)s, %(name)s says: this access is no longer valid. Its own list of "
                "connected apps may still show us; an entry there is not access."
            )
        ]
    since, ends = (_when(said.get(key), now) for key in ("since", "ends"))
    if since:
        sentences.append(_("It was given at %(since)s."))
    if ends:
        sentences.append(
            _("It ends at %(ends)s.") if said["active"] else _("It ended at %(ends)s.")
        )
    scopes = said.get("scopes")
    if scopes is not None:
        allowed = _("It allows: %(scopes)s.") if said["active"] else _("It allowed: %(scopes)s.")
        sentences.append(allowed if scopes else _("It allows nothing."))
    if said.get("words"):
        sentences.append(_("In its own words: “%(words)s”"))
    values = {"at": at, "name": name, "since": since, "ends": ends}
    values |= {"scopes": ", ".join(scopes or ()), "words": said.get("words", "")}
    return tuple(sentence % values for sentence in sentences)


def _when(stored: str | None, now: datetime) -> str:
    return moment(datetime.fromisoformat(stored), now) if stored else ""
