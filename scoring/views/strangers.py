"""How often who is not signed in may ask for pages that cost much: counted by address."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import ngettext

from scoring import words
from scoring.limits import Allowance, Limit, address_of, take

View = Callable[..., HttpResponse]


def limited(view: View) -> View:
    """Answer whoever is signed in; of an address beyond it PAGES_PER_MINUTE times, and then 429."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **named)
        limit = Limit("pages", settings.PAGES_PER_MINUTE, 60)
        allowance = take(limit, address_of(request.META), now=time.time())
        return view(request, *args, **named) if allowance.passes else _later(request, allowance)

    return answered


def told(response: HttpResponse, allowance: Allowance) -> HttpResponse:
    """Return a refusal with when to come back. Nobody keeps it."""
    for name, value in allowance.headers().items():
        response[name] = value
    patch_cache_control(response, no_store=True)
    return response


def _later(request: HttpRequest, allowance: Allowance) -> HttpResponse:
    says = ngettext(
        "More pages were asked for from your address than one may in a minute. Try again in %(n)s "
        "second, or sign in: that is not counted.",
        "More pages were asked for from your address than one may in a minute. Try again in %(n)s "
        "seconds, or sign in: that is not counted.",
        allowance.wait,
    )
    context = {"says": says % {"n": words.whole(allowance.wait)}}
    return told(render(request, "kloutsite/too_many.html", context, status=429), allowance)
