"""oEmbed: what a site shows where somebody pastes the address of a person's page.

Source: https://oembed.com, version 1.0.
"""

import re
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts import handles
from accounts.views.for_all import for_all, kept
from scoring.public.drawing import CARD, Size

_PAGE = re.compile(r"/@(?P<handle>[^/]+)/?")
_PIXELS = re.compile(r"[0-9]{1,5}")


@for_all
def oembed(request: HttpRequest) -> HttpResponse:
    """Answer oEmbed 1.0 for the page of somebody who shows their score to everyone."""
    form = request.GET.get("format", "json")
    if form not in {"json", "xml"}:
        return _open_to_scripts(_plain(_("This format is not answered."), 501))
    name = _shown(request.GET.get("url", ""))
    if not name:
        said = _("Nobody shows their score to everyone at this address.")
        json = JsonResponse({"error": said}, status=404)
        return _open_to_scripts(json if form == "json" else _plain(said, 404))
    facts = _facts(name, _room(request))
    return kept(_open_to_scripts(JsonResponse(facts) if form == "json" else _xml(facts)))


def _shown(url: str) -> str:
    """Return the handle of whose page an address is, "" where nobody shows their score there.

    What follows a question mark or a hash does not change whose page it is.
    """
    here = urlsplit(settings.SITE_URL)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    match = _PAGE.fullmatch(unquote(parts.path))
    if match is None or parts.netloc.lower() != here.netloc.lower():
        return ""
    found = handles.find(match["handle"], viewer=None, now=timezone.now())
    return found.name if found.visible.score else ""


def _room(request: HttpRequest) -> Size:
    """Return the card as large as `maxwidth` and `maxheight` let it be, and no larger than it is.

    None, 0 and what is no number are no limit.
    """
    given = (request.GET.get(name, "") for name in ("maxwidth", "maxheight"))
    wide, high = (int(one) if _PIXELS.fullmatch(one) else 0 for one in given)
    within = wide or CARD.width, (high or CARD.height) * CARD.width // CARD.height
    width = max(1, min(CARD.width, *within))
    return Size(width, max(1, width * CARD.height // CARD.width))


def _facts(name: str, room: Size) -> dict[str, object]:
    page = settings.SITE_URL + reverse("profile", args=[name])
    title = _("The score of @%(handle)s") % {"handle": name}
    picture = f"{settings.SITE_URL}/@{name}/card.svg"
    html = format_html(
        '<a href="{}"><img src="{}" alt="{}" width="{}" height="{}"></a>',
        page, picture, title, room.width, room.height,
    )  # fmt: skip
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Kloutsite",
        "provider_url": settings.SITE_URL,
        "title": title,
        "author_name": f"@{name}",
        "author_url": page,
        "width": room.width,
        "height": room.height,
        "html": html,
    }


def _xml(facts: dict[str, object]) -> HttpResponse:
    fields = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in facts.items())
    text = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{fields}</oembed>'
    return HttpResponse(text, content_type="text/xml; charset=utf-8")


def _plain(said: str, status: int) -> HttpResponse:
    return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")


def _open_to_scripts(response: HttpResponse) -> HttpResponse:
    """Let scripts of other sites read an answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
