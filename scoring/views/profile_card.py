"""The card of a profile: what a stranger may see of it, as a picture for links elsewhere."""

import hashlib

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _

from accounts import handles
from accounts.views.for_all import for_all, kept
from accounts.visibility import Visible
from scoring import picture, topics
from scoring.views.profile import face

_KEPT = 24 * 60 * 60  # seconds that a drawn card is kept; what it says names it
_DRAWING = 3  # count up when the drawing changes


@for_all
def card(request: HttpRequest, handle: str) -> HttpResponse:
    """Answer the card as PNG; it is drawn once for all who ask while it says the same."""
    now = timezone.now()
    found = handles.find(handle, viewer=None, now=now)
    if found.profile is None:
        raise Http404
    open_ = found.visible
    seen = Visible(page=True, score=open_.score, topics=open_.topics, indexed=open_.indexed)
    told = topics.shown_to_others(found.profile.user_id, seen)[: picture.TOPICS]
    known = face(found.profile, found.name, seen, told, viewer=None, now=now)
    drawn = picture.Told(
        name=found.profile.user.display_name.strip(),
        handle=found.name,
        score=known.get("score", ""),
        about=_("of 100 on %(day)s") % {"day": known["day"]} if known.get("score") else "",
        topics=tuple(one.name for one in known["topics"]),
    )
    name = hashlib.sha256(f"{_DRAWING}{drawn}".encode()).hexdigest()
    etag = quote_etag(name[:32])
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(_drawn(drawn, f"card:{name}"), content_type="image/png")
    response["ETag"] = etag
    return kept(response, listed=seen.indexed)


def _drawn(told: picture.Told, key: str) -> bytes:
    kept: bytes | None = cache.get(key)
    if kept is None:
        kept = picture.draw(told)
        cache.set(key, kept, _KEPT)
    return kept
