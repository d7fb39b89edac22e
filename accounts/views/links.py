"""Linked accounts: is everything being read, what exactly is wrong, and what to press."""

from collections.abc import Mapping

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import connectors, diagnosis, linking, operating, unlinking
from accounts.connectors.base import Code
from accounts.figures import READER, moment
from accounts.models import Grant, NetworkPause, Source
from accounts.outages import networks_down
from accounts.views import own_source, person, pressed
from accounts.views.doctor import card_of, found_by, told_by
from accounts.views.facts import facts_of, kind_of, needs_person, reconnect_form, report_of

RUNS_SHOWN = 30
# In these states "Read now" would do nothing, or what is done already.
_NOT_NOW = frozenset({Source.State.PAUSED, Source.State.NOT_CHOSEN, Source.State.READING})
_ASKED_TO_WAIT = frozenset({Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED})


@require_GET
def links(request: HttpRequest) -> HttpResponse:
    """One card a link, with a note on top for each that needs the person."""
    now = timezone.now()
    mine = (
        person(request)
        .sources.filter(Q(selected=True) | Q(grant=None))
        .select_related("grant__account")
        .order_by("network", "title", "pk")
    )
    sources = [source for source in mine if source.selected]
    down = networks_down(sources, now=now)
    pauses = operating.paused()
    cards = [
        _card(source, facts_of(source, now, down=down, pause=pause_of(source, pauses)))
        for source in sources
    ]
    unfinished = (
        Grant.objects.filter(account__user=person(request))
        .exclude(sources__selected=True)
        .select_related("account")
    )
    waiting = [
        {"grant": grant, "network": linking.name_of(linking.network_of(grant.account)[0])}
        for grant in unfinished
    ]
    aside = [source for source in mine if source.reason and not source.selected]
    context = {"cards": cards, "waiting": waiting, "aside": aside}
    return render(request, "accounts/links.html", context)


@require_GET
def link(request: HttpRequest, source_id: int) -> HttpResponse:
    """The check list of one link, its last 30 days, and everything that can be pressed."""
    source, now = own_source(request, source_id), timezone.now()
    runs = list(source.runs.order_by("-started_at", "-pk")[:RUNS_SHOWN])
    last_good = next((run for run in runs if run.code == Code.OK), None)
    down = networks_down([source], now=now)
    pause = pause_of(source, operating.paused())
    doctor = card_of(source, now, halted=bool(pause))
    last_try = told_by(doctor["visited"], source, runs)
    facts = facts_of(source, now, last_good, down=down, last_try=last_try, pause=pause)
    findings = diagnosis.diagnose(facts)
    found = found_by(doctor["visited"], facts, {finding.code for finding in findings})
    context = _card(source, facts) | doctor
    context |= {
        "facts": facts,
        "findings": [*findings, found] if found else findings,
        "checks": diagnosis.checks(facts),
        "runs": [
            {
                "run": run,
                "at": moment(run.started_at, now),
                "good": run.code == Code.OK,
                "title": diagnosis.title_of(Code(run.code), facts),
                "left_out": diagnosis.left_out_in_words(run.left_out, READER),
            }
            for run in runs
        ],
        "report": report_of(source, facts.state, now),
        "open_case": source.cases.filter(closed_at=None).first(),
    }
    return render(request, "accounts/link.html", context)


@pressed("link", "source_id")
def link_read(request: HttpRequest, source_id: int) -> HttpResponse:
    """Read the link before its time."""
    source = own_source(request, source_id)
    try:
        linking.read_now(source=source, now=timezone.now())
    except linking.LinkingError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Reading now. Load this page again in some seconds: it shows what came of it."),
        )
    return redirect("link", source.pk)


@pressed("link", "source_id")
def link_pause(request: HttpRequest, source_id: int) -> HttpResponse:
    """Stop reading the link for a while."""
    source = own_source(request, source_id)
    linking.pause(source=source, now=timezone.now())
    messages.success(request, _("Paused. It keeps counting as it was and is not read."))
    return redirect("link", source.pk)


@pressed("link", "source_id")
def link_resume(request: HttpRequest, source_id: int) -> HttpResponse:
    """Read the link again."""
    source = own_source(request, source_id)
    linking.resume(source=source)
    messages.success(request, _("Resumed. It is read now."))
    return redirect("link", source.pk)


@require_http_methods(["GET", "POST"])
@reauthentication_required(app="accounts.linking", allow_get=True)  # type: ignore[untyped-decorator]
def link_unlink(request: HttpRequest, source_id: int) -> HttpResponse:
    """Say beforehand what unlinking does, and do it on POST."""
    source = own_source(request, source_id)
    if request.method == "POST":
        unlinking.unlink(source=source)
        said = _("“%(title)s” is unlinked. You can link it again.")
        messages.success(request, said % {"title": source.title})
        return redirect("links")
    effects = linking.effects_of_unlinking
    grant = source.grant
    context = {
        "source": source,
        "network": linking.name_of(source.network),
        "effect": effects(source.user_id, [source.pk], timezone.now())[source.pk]
        if effects and source.selected
        else "",
        "last": unlinking.is_last_of_grant(source),
        "spare": grant is not None and source.user.can_sign_in_without(grant.account),
    }
    return render(request, "accounts/unlink.html", context)


def _card(source: Source, facts: diagnosis.Facts) -> dict[str, object]:
    return {
        "source": source,
        "network": facts.network,
        "word": Source.State(facts.state).label,
        "state": diagnosis.state_text(facts),
        "doubted": diagnosis.doubted(facts),
        "needs_person": needs_person(source) and not facts.halted,
        "scored": connectors.is_scored(source.network),
        "policy": connectors.policy_of(source.network),
        "kind": kind_of(source),
        "reconnect": reconnect_form(source.grant) if source.grant else None,
        "can_read_now": source.grant_id is not None
        and facts.state not in _NOT_NOW
        and source.code not in _ASKED_TO_WAIT
        and not facts.off
        and not facts.halted,
    }


def pause_of(source: Source, pauses: Mapping[str, NetworkPause]) -> NetworkPause | None:
    """Return an operator's pause of the network, where it keeps something from being read."""
    return pauses.get(source.network) if source.selected and source.grant_id else None
