"""What pages of others embed and lead to: badges, the hover script, people and topics."""

import re
import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from accounts.views.for_all import for_all, kept
from scoring import limits
from scoring.engine.topics.klout_files import topic_id
from scoring.engine.topics.taxonomy import taxonomy
from scoring.klout import people
from scoring.klout.scores import published
from scoring.views.strangers import told

SIZES = {"l": (200, 98), "m": (160, 78), "s": (120, 59)}  # pixels
_COLOUR = re.compile(r"#?(?P<hex>[0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_INK = "1c1a17"
_LONG, _LONGER = 11, 16  # letters of a name that fit beside the number, large and small
# Framed by whoever likes: there is nothing to press but the way to a public page.
_POLICY = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'"


def limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let an address ask as often as for other public pictures, and say 429 to one too many.

    No code of Mashery: Klout's widgets were not behind it.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        allowance = limits.take_public(request.META, now=time.time())
        if allowance.passes:
            return view(request, *args, **named)
        words = _("More than the limit. Try again in %(wait)s s.") % {"wait": allowance.wait}
        response = HttpResponse(words, status=429, content_type="text/plain; charset=utf-8")
        return told(response, allowance)

    return answered


@for_all
@limited
@xframe_options_exempt
def badge(request: HttpRequest, name: str) -> HttpResponse:
    """Answer the badge of a name; without a number, and 404, where there is none to show.

    The name is a handle here, else a name at X; ?network=tw means one at X alone.
    """
    known = _known(name, only_at_x=request.GET.get("network") == "tw")
    width, height = SIZES.get(request.GET.get("size", "l"), SIZES["l"])
    colour = _COLOUR.fullmatch(request.GET.get("text_color", ""))
    context = known | {
        "width": width,
        "height": height,
        "ink": colour["hex"] if colour else _INK,
    }
    drawn = render(request, "scoring/klout/badge.html", context, status=200 if known else 404)
    return _closed(drawn, framed_by="*")


@for_all
@limited
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Answer the number of a name at the address that klout.com had it at.

    It takes every address of one word that is no other page's, so it does what Django does for
    those without their slash.
    """
    if _is_a_page(f"{request.path_info}/"):
        return redirect(request.get_full_path(force_append_slash=True), permanent=True)
    known = _known(name)
    if not known:
        raise Http404
    width, height = SIZES["l"]
    context = known | {"width": width, "height": height, "ink": _INK}
    return _closed(render(request, "scoring/klout/page.html", context), framed_by="'none'")


@for_all
@limited
def person_of_id(_request: HttpRequest, klout_id: str) -> HttpResponse:
    """Lead from the address that Klout gave an id to the page of its person."""
    for person in people.found(people.by_klout_id(klout_id)):
        if person.nick:
            return redirect("profile", person.nick)
    raise Http404


@for_all
def topic_of_id(_request: HttpRequest, number: str) -> HttpResponse:
    """Lead from the address that Klout gave a topic to its page."""
    slug = _slugs().get(number)
    if slug is None:
        raise Http404
    return redirect("topic", slug)


@for_all
@limited
def hover(_request: HttpRequest) -> HttpResponse:
    """Answer the script that shows a badge over links to people."""
    response = HttpResponse(_script(), content_type="application/javascript; charset=utf-8")
    patch_cache_control(response, public=True, max_age=3600)
    return response


def _is_a_page(path: str) -> bool:
    """Tell whether an address is that of a page of this site, and not of a name."""
    try:
        return resolve(path).url_name not in {"klout_page", "klout_user"}
    except Resolver404:
        return False


def _known(name: str, *, only_at_x: bool = False) -> dict[str, Any]:
    """Return what is said of who has this name, or nothing. Up to three queries."""
    for shown in people.called(name, only_at_x=only_at_x):
        if numbers := published(shown):
            return {
                "score": round(numbers[shown[0].user_id].score),
                "handle": shown[0].nick,
                "long": len(shown[0].nick) > _LONG,
                "longer": len(shown[0].nick) > _LONGER,
            }
    return {}


def _closed(response: HttpResponse, *, framed_by: str) -> HttpResponse:
    """Let an answer load styles of ours and nothing else, and be framed by these alone."""
    response["Content-Security-Policy"] = f"{_POLICY}; frame-ancestors {framed_by}"
    return kept(response)


@cache
def _slugs() -> dict[str, str]:
    """Return id -> slug of the topics here."""
    return {topic_id(slug): slug for slug in taxonomy().topics}


@cache
def _script() -> bytes:
    return (settings.BASE_DIR / "static" / "klout" / "widget_hover.js").read_bytes()
