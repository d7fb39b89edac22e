"""Pictures of one's score for other sites: the page that makes what to paste, and oEmbed."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape as xml_escape

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import handles
from accounts.models import Profile
from accounts.views import person
from accounts.visibility import STRANGER, shown
from scoring import public
from scoring.public import drawing
from scoring.public.answering import KINDS, SCALES

_NAMES = {
    "badge": gettext_lazy("Badge: the score"),
    "card": gettext_lazy("Card: name and score"),
    "chart": gettext_lazy("Chart: 90 days"),
}
_THEMES = {
    "auto": gettext_lazy("As the reader's device"),
    "light": gettext_lazy("Light"),
    "dark": gettext_lazy("Dark"),
}
_SIZES = {"s": gettext_lazy("Small"), "m": gettext_lazy("Medium"), "l": gettext_lazy("Large")}
_DRAWN = {"badge": drawing.BADGE, "card": drawing.CARD, "chart": drawing.CHART}
_PAGE = re.compile(r"/@(?P<handle>[^/?#]+)/?")
_SECRET_BYTES = 16  # 128 bits: nobody guesses it


@dataclass(frozen=True, slots=True)
class Paste:
    """What to paste: `label` says where it fits."""

    id: str
    label: str
    text: str


@login_not_required
@require_safe
def public_answer(request: HttpRequest, **_names: str) -> HttpResponse:
    """Answer a picture or the score where no server stands before Django that does."""
    what = public.asked(request.path, request.META.get("QUERY_STRING", ""))
    if what is None:
        raise Http404
    answered = public.answer(what, request.META)
    response = HttpResponse(answered.body, status=answered.status)
    del response.headers["Content-Type"]
    for name, value in answered.headers:
        response.headers[name] = value
    return response


@require_http_methods(["GET", "POST"])
def embed(request: HttpRequest) -> HttpResponse:
    """Show pictures with what to paste; on POST make a secret address, or end it."""
    user = person(request)
    kept = Profile.objects.filter(user=user).first() or Profile(user=user)
    if request.method == "POST":
        _change(request, kept)
        return redirect("embed")
    handle = handles.current(user)
    kind = _one_of(request.GET.get("kind"), KINDS)
    theme = _one_of(request.GET.get("theme"), drawing.THEMES)
    size = _one_of(request.GET.get("size"), tuple(SCALES), "m")
    visible = shown(kept if handle else None, STRANGER)
    wants = visible.score and (kind != "chart" or visible.history)
    start = f"/@{handle}" if wants else f"/seen/{kept.secret}" if kept.secret else ""
    query = _query(theme, size)
    address = f"{start}/{kind}.svg{query}" if start else ""
    page = settings.SITE_URL + (reverse("profile", args=[handle]) if visible.page else "/")
    context = {
        "kinds": _choices(_NAMES, kind),
        "themes": _choices(_THEMES, theme),
        "sizes": _choices(_SIZES, size),
        "address": address,
        "secret": kept.secret,
        "by_secret": bool(start) and not wants,
        "shows": _reveals(kind),
        "pastes": _pastes(settings.SITE_URL + address, page, _alt()) if address else [],
        "alt": _alt(),
    }
    return render(request, "scoring/embed.html", context)


@login_not_required
@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Answer oEmbed 1.0 for the page of somebody who shows their score to everyone."""
    form = request.GET.get("format", "json")
    if form not in {"json", "xml"}:
        return HttpResponse(_("This format is not answered."), status=501)
    match = _PAGE.fullmatch(request.GET.get("url", "").removeprefix(settings.SITE_URL))
    if match is None:
        return _nobody(form)
    found = handles.find(match["handle"], viewer=None, now=timezone.now())
    if found.profile is None or not found.visible.score:
        return _nobody(form)
    page = settings.SITE_URL + reverse("profile", args=[found.name])
    size = drawing.CARD
    title = _("The score of @%(handle)s") % {"handle": found.name}
    picture = f"{settings.SITE_URL}/@{found.name}/card.svg"
    html = format_html(
        '<a href="{}"><img src="{}" alt="{}" width="{}" height="{}"></a>',
        page, picture, title, size.width, size.height,
    )  # fmt: skip
    facts = {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Kloutsite",
        "provider_url": settings.SITE_URL,
        "title": title,
        "author_name": f"@{found.name}",
        "author_url": page,
        "width": size.width,
        "height": size.height,
        "html": html,
    }
    response = JsonResponse(facts) if form == "json" else _xml(facts)
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, no_cache=True)
    return response


def _nobody(form: str) -> HttpResponse:
    """Say to a program that there is nothing to embed at the address it asked for."""
    said = _("Nobody shows their score to everyone at this address.")
    answer = (
        JsonResponse({"error": said}, status=404)
        if form == "json"
        else HttpResponse(said, status=404, content_type="text/plain; charset=utf-8")
    )
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _change(request: HttpRequest, kept: Profile) -> None:
    if "end" in request.POST:
        kept.secret = ""
        said = _("The address is ended: pictures with it say “private” from now on.")
    elif "make" in request.POST:
        kept.secret = secrets.token_urlsafe(_SECRET_BYTES)
        said = _("Whoever has this address sees your score. End it here at any time.")
    else:
        return
    Profile.objects.update_or_create(user=kept.user, defaults={"secret": kept.secret})
    messages.success(request, said)


def _one_of(value: str | None, known: tuple[str, ...], otherwise: str = "") -> str:
    return value if value in known else otherwise or known[0]


def _choices(names: Mapping[str, object], chosen: str) -> list[tuple[str, str, bool]]:
    return [(value, str(name), value == chosen) for value, name in names.items()]


def _query(theme: str, size: str) -> str:
    """Return what an address says beyond what would hold without it."""
    said = {"theme": theme if theme != "auto" else "", "size": size if size != "m" else ""}
    language = get_language() or settings.LANGUAGE_CODE
    said["lang"] = language if language != settings.LANGUAGE_CODE else ""
    said = {name: value for name, value in said.items() if value}
    return f"?{urlencode(said)}" if said else ""


def _alt() -> str:
    return _("My score on Kloutsite")


def _pastes(address: str, page: str, alt: str) -> list[Paste]:
    html = format_html('<a href="{}"><img src="{}" alt="{}"></a>', page, address, alt)
    markdown = f"[![{alt}]({address})]({page})"
    return [
        Paste("html", _("For a page: HTML"), html),
        Paste("markdown", _("For a README: Markdown"), markdown),
        Paste("address", _("The address alone"), address),
    ]


def _reveals(kind: str) -> str:
    """Return what somebody learns who sees the picture."""
    return {
        "badge": _("It shows your newest score and its day, and nothing else."),
        "card": _("It shows your name, your newest score and its day."),
        "chart": _("It shows your name and your score on each of the last 90 days."),
    }[kind]


def _xml(facts: dict[str, object]) -> HttpResponse:
    fields = "".join(f"<{key}>{xml_escape(str(value))}</{key}>" for key, value in facts.items())
    text = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{fields}</oembed>'
    return HttpResponse(text, content_type="text/xml; charset=utf-8")
