"""Public pages of the frame: landing, how it counts, health, errors."""

import uuid
import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for people who are not signed in; everybody else goes home."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("home"))
    return render(request, "kloutsite/landing.html")


@login_not_required
@require_safe
def how_it_counts(request: HttpRequest) -> HttpResponse:
    """The formula with its constants and a worked example."""
    return render(request, "kloutsite/how_it_counts.html")


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer as soon as the process can serve. Touches no database."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Tell which part of the site is not ready; 503 when any is not."""
    return JsonResponse({"status": "ok"})


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is not theirs to do."""
    return render(request, "kloutsite/403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here."""
    return render(request, "kloutsite/404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Own the fault and give it a number that stands in the log too."""
    report = uuid.uuid4().hex[:8]
    logger.error("report %s for %s", report, request.path)
    return render(request, "kloutsite/500.html", {"report": report}, status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old or came from elsewhere; `reason` is for the log alone."""
    logger.warning("form refused at %s: %s", request.path, reason)
    return render(request, "kloutsite/403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request could not be read."""
    return render(request, "kloutsite/400.html", status=400)
