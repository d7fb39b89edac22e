"""Pictures of one's score for other sites, and the page that makes what to paste."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import handles
from accounts.models import Profile
from accounts.views import person
from accounts.visibility import STRANGER, Visible, shown
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
_SECRET_BYTES = 16  # 128 bits: nobody guesses it


@dataclass(frozen=True, slots=True)
class Paste:
    """What to paste: `label` says where it fits."""

    id: str
    label: str
    text: str


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "OPTIONS"])
def public_answer(request: HttpRequest, kind: str = "", **_names: str) -> HttpResponse:
    """Answer a picture or the score where no server stands before Django that does.

    What is too long to be anybody's address is answered as that of nobody.
    """
    what = public.asked(request.path, request.META.get("QUERY_STRING", ""))
    what = what or public.Asked(handle="", secret="", kind=kind)
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
    kind = _one_of(request.GET.get("kind"), KINDS)
    theme = _one_of(request.GET.get("theme"), drawing.THEMES)
    size = _one_of(request.GET.get("size"), tuple(SCALES), "m")
    here = f"{reverse('embed')}?{urlencode({'kind': kind, 'theme': theme, 'size': size})}"
    if request.method == "POST":
        _change(request, kept)
        return redirect(here)
    handle = handles.current(user)
    visible = shown(kept if handle else None, STRANGER)
    picture = f"{kind}.svg{_query(theme, size)}"
    by_handle = f"/@{handle}/{picture}" if _is_open(visible, kind) else ""
    by_secret = f"/seen/{kept.secret}/{picture}" if kept.secret else ""
    address = by_handle or by_secret
    also = by_secret if by_handle else ""
    site = f"{settings.SITE_URL}/"  # a secret address leads there: the page may be closed later
    page = settings.SITE_URL + reverse("profile", args=[handle]) if by_handle else site
    context = {
        "here": here,
        "kinds": _choices(_NAMES, kind),
        "themes": _choices(_THEMES, theme),
        "sizes": _choices(_SIZES, size),
        "address": address,
        "secret": kept.secret,
        "by_secret": bool(by_secret) and not also,
        "shows": _reveals(kind),
        "pastes": _pastes(address, page, _alt()) if address else [],
        "secret_pastes": _pastes(also, site, _alt(), "seen-") if also else [],
        "alt": _alt(),
    }
    return render(request, "scoring/embed.html", context)


def _is_open(visible: Visible, kind: str) -> bool:
    """Tell whether everyone sees a picture of this kind."""
    return visible.score and (kind != "chart" or visible.history)


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


def pastes_of(handle: str) -> SafeString:
    """Return what to paste for the badge of somebody who shows their score to everyone, as HTML."""
    language = get_language() or settings.LANGUAGE_CODE
    return format_html(_pastes_of_anybody(language, settings.SITE_URL), handle=handle)


@lru_cache(16)
def _pastes_of_anybody(_language: str, site: str) -> str:
    """Return the same with "{handle}" in it: it is on every page of a person, and costs otherwise.

    It speaks the language that is active, for which one each is kept.
    """
    alt = _("The score of @%(handle)s") % {"handle": "{handle}"}
    pastes = _pastes("/@{handle}/badge.svg", f"{site}/@{{handle}}", alt)
    return render_to_string("scoring/_pastes.html", {"pastes": pastes})


def _pastes(picture: str, page: str, alt: str, start: str = "") -> list[Paste]:
    """Return what to paste for a picture of this site. start: of the ids, where one has others."""
    address = settings.SITE_URL + picture
    html = format_html('<a href="{}"><img src="{}" alt="{}"></a>', page, address, alt)
    markdown = f"[![{alt}]({address})]({page})"
    return [
        Paste(f"{start}html", _("For a page: HTML"), html),
        Paste(f"{start}markdown", _("For a README: Markdown"), markdown),
        Paste(f"{start}address", _("The address alone"), address),
    ]


def _reveals(kind: str) -> str:
    """Return what somebody learns who sees the picture."""
    return {
        "badge": _("It shows your newest score and its day, and nothing else."),
        "card": _("It shows your name, your newest score and its day."),
        "chart": _("It shows your name and your score on each of the last 90 days."),
    }[kind]
