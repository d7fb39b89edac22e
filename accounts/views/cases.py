"""Asking for help, and reading the answer, inside the site."""

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import cases
from accounts.figures import moment
from accounts.models import Case, Source
from accounts.outages import networks_down
from accounts.views import person, pressed
from accounts.views.facts import report_of

SHOWN = 50


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The person's cases, open ones first."""
    now = timezone.now()
    open_first = F("closed_at").asc(nulls_first=True)
    mine = person(request).cases.with_turn().order_by(open_first, "-changed_at")[:SHOWN]
    rows = [{"case": each, "changed": moment(each.changed_at, now)} for each in mine]
    return render(request, "accounts/cases.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def ask_anything(request: HttpRequest) -> HttpResponse:
    """Ask about something that is no link."""
    return _ask(request, None)


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, source_id: int) -> HttpResponse:
    """Ask about one link; its report goes along, and is shown before."""
    return _ask(request, get_object_or_404(person(request).sources, pk=source_id))


@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case with its messages; POST adds one."""
    mine = get_object_or_404(person(request).cases.select_related("source"), pk=case_id)
    error = ""
    if request.method == "POST":
        try:
            cases.reply(
                case=mine,
                author=person(request),
                text=request.POST.get("text", ""),
                now=timezone.now(),
            )
        except cases.CaseError as refused:
            error = str(refused)
        else:
            messages.success(request, _("Added. You see the answer here."))
            return redirect("case", mine.pk)
    context = shown(mine) | {"error": error, "text": request.POST.get("text", "")}
    return render(request, "accounts/case.html", context, status=400 if error else 200)


@pressed("case", "case_id")
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close a case of one's own."""
    mine = get_object_or_404(person(request).cases, pk=case_id)
    cases.close(case=mine, now=timezone.now())
    messages.success(request, _("Closed. Writing to it opens it again."))
    return redirect("cases")


def shown(case: Case) -> dict[str, object]:
    """Return what both sides see of a case."""
    now = timezone.now()
    said = [
        {"message": each, "at": moment(each.at, now)}
        for each in case.messages.select_related("author")
    ]
    return {
        "case": case,
        "said": said,
        "opened": moment(case.opened_at, now),
        "closed": moment(case.closed_at, now),
        "longest": cases.LONGEST,
    }


def _ask(request: HttpRequest, source: Source | None) -> HttpResponse:
    """Show the form and what goes along; POST opens the case or adds to the open one."""
    now, error = timezone.now(), ""
    report = ""
    if source is not None:
        state = source.state_at(now, down=networks_down([source], now=now))
        report = report_of(source, state, now)
    if request.method == "POST":
        try:
            opened = cases.open_case(
                user=person(request),
                source=source,
                text=request.POST.get("text", ""),
                report=report,
                now=now,
            )
        except cases.CaseError as refused:
            error = str(refused)
        else:
            messages.success(request, _("Case %(number)s is open.") % {"number": opened.pk})
            return redirect("case", opened.pk)
    context = {
        "source": source,
        "report": report,
        "error": error,
        "text": request.POST.get("text", ""),
        "longest": cases.LONGEST,
    }
    return render(request, "accounts/case_ask.html", context, status=400 if error else 200)
