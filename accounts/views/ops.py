"""For operators: how networks fare, pausing one, what is set up, and cases to answer.

Staff only; to everybody else these pages do not exist.
"""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import budgets, cases, connectors, operating
from accounts.connectors.setup import SETUPS
from accounts.connectors.shapes import one_line
from accounts.figures import moment
from accounts.linking import name_of
from accounts.models import Case
from accounts.views import View, person, pressed
from accounts.views.cases import shown

CASES_SHOWN = 100


def operators_only(view: View) -> View:
    """Let staff in; for others the page is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not person(request).is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@operators_only
def overview(request: HttpRequest) -> HttpResponse:
    """Health of each network, its errors of the last 24 hours, and a button to pause it."""
    now = timezone.now()
    rows = [
        {
            "health": row,
            "last_read": moment(row.last_read, now),
            "paused_at": moment(row.pause.since, now) if row.pause else "",
            "today": (spent := budgets.today(row.network, now)),
            "resets_at": moment(spent.resets_at, now) if spent else "",
        }
        for row in operating.health(now=now)
    ]
    waiting = Case.objects.with_turn().filter(closed_at=None, answered=False).count()
    return render(request, "accounts/ops.html", {"rows": rows, "waiting": waiting})


@operators_only
@pressed("ops")
def pause(request: HttpRequest, network: str) -> HttpResponse:
    """Pause reading of a network for everybody, with a reason that people see."""
    _known(network)
    why = one_line(request.POST.get("why", ""), 200)
    if not why:
        messages.error(request, _("Say why in a sentence: people see it on their links."))
        return redirect("ops")
    operating.pause(network=network, why=why, by=person(request), now=timezone.now())
    messages.success(
        request,
        _("%(network)s is paused for everybody. Scores stand still for it.")
        % {"network": name_of(network)},
    )
    return redirect("ops")


@operators_only
@pressed("ops")
def resume(request: HttpRequest, network: str) -> HttpResponse:
    """Read a network again."""
    _known(network)
    operating.resume(network=network)
    messages.success(request, _("%(network)s is read again.") % {"network": name_of(network)})
    return redirect("ops")


@require_GET
@operators_only
def networks(request: HttpRequest) -> HttpResponse:
    """What is set up, and the callback addresses to register with each network."""
    rows = [
        {
            "name": setup.name,
            "network": network,
            "on": connectors.has(network) or connectors.signs_in(network),
            "callback": _callback(network),
            "prefix": network.upper(),
            "keys": setup.keys,
            "note": setup.note,
            "addresses": [
                (f"{network.upper()}_{key.upper()}_URL", _set(network, key, default))
                for key, default in setup.addresses.items()
            ],
            "options": [
                (f"{network.upper()}_{key.upper()}", _set(network, key, default))
                for key, default in setup.options.items()
            ],
        }
        for network, setup in SETUPS.items()
    ]
    return render(request, "accounts/ops_networks.html", {"rows": rows})


@require_GET
@operators_only
def cases_waiting(request: HttpRequest) -> HttpResponse:
    """Open cases, those that wait for an answer longest first, then closed ones."""
    now = timezone.now()
    open_first = Case.objects.with_turn().select_related("user").order_by("answered", "changed_at")
    rows = [
        {"case": each, "changed": moment(each.changed_at, now)}
        for each in [
            *open_first.filter(closed_at=None)[:CASES_SHOWN],
            *open_first.filter(closed_at__isnull=False).order_by("-closed_at")[:20],
        ]
    ]
    return render(request, "accounts/ops_cases.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@operators_only
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case with the facts it was opened with; POST answers, and the person gets a mail."""
    found = get_object_or_404(Case.objects.select_related("user", "source"), pk=case_id)
    error = ""
    if request.method == "POST":
        try:
            cases.reply(
                case=found,
                author=person(request),
                text=request.POST.get("text", ""),
                now=timezone.now(),
                by_operator=True,
            )
        except cases.CaseError as refused:
            error = str(refused)
        else:
            messages.success(request, _("Answered. The person gets a mail, if they want mails."))
            return redirect("ops_case", found.pk)
    context = shown(found) | {"error": error, "text": request.POST.get("text", "")}
    return render(request, "accounts/ops_case.html", context, status=400 if error else 200)


@operators_only
@pressed("ops_case", "case_id")
def case_close(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close a case that is answered."""
    found = get_object_or_404(Case, pk=case_id)
    cases.close(case=found, now=timezone.now())
    messages.success(request, _("Closed. If the person writes again, it opens again."))
    return redirect("ops_cases")


def _known(network: str) -> None:
    """Raise Http404 for a network that nobody reads here."""
    if network not in SETUPS and not connectors.has(network):
        raise Http404(network)


def _callback(network: str) -> str:
    """Return the redirect address to register, or "" where the site registers itself."""
    if network not in connectors.SIGN_IN:
        return ""
    return f"{settings.SITE_URL}{reverse(f'{network}_callback')}"


def _set(network: str, key: str, default: str) -> str:
    """Return the value in use: an address, a version or a switch, never a secret."""
    config = settings.NETWORKS.get(network)
    if config is None:
        return default
    return str(dict(config.addresses + config.options).get(key, default))
