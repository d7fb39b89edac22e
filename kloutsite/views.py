"""Public pages of the frame: landing, how it counts, health."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts import connectors
from kloutsite import readiness
from kloutsite.how_it_counts import MODELS, constants, efforts, plusk_constants
from kloutsite.worked_example import worked_example
from scoring.engine import Params


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for people who are not signed in; everybody else goes home."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("home"))
    networks = [connectors.get(name) for name in connectors.names()]
    return render(
        request,
        "kloutsite/landing.html",
        {"example": worked_example(), "networks": networks},
    )


@login_not_required
@require_safe
def how_it_counts(request: HttpRequest) -> HttpResponse:
    """The formula with its constants, a worked example and the log of models."""
    params = Params()
    return render(
        request,
        "kloutsite/how_it_counts.html",
        {
            "example": worked_example(),
            "efforts": efforts(params),
            "constants": constants(params),
            "plusk": plusk_constants(),
            "models": MODELS,
        },
    )


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer as soon as the process can serve. Touches no database."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Tell which part of the site is not ready; 503 when any is not."""
    parts = readiness.look(now=timezone.now())
    ready = all(state == readiness.OK for state in parts.values())
    return JsonResponse(
        {"status": "ok" if ready else "not ready", "parts": parts}, status=200 if ready else 503
    )
