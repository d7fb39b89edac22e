"""Which addresses are answered, and how: pictures that say "private" to nobody's error, and JSON.

A picture is on somebody else's page, so that it is always a picture: of whom nobody knows, and of
whom nobody may know, it says the same. A program that asks for JSON reads 404 for both.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import figures
from scoring.limits import Allowance, take_public
from scoring.public import drawing, rows
from scoring.public.drawing import Texts
from scoring.public.rows import KEPT, Face, Points

KINDS = ("badge", "card", "chart")
SCALES = {"s": 0.75, "m": 1.0, "l": 1.5}
# Kept by whoever passes it on, asked about each time, and shown on when this site is away.
_CACHING = "public, no-cache, stale-if-error=86400"
_SVG = "image/svg+xml; charset=utf-8"
_LONGEST = 500  # letters of an address, and of its query
_ADDRESS = re.compile(
    r"/(?:@(?P<handle>[^/]{1,120})|seen/(?P<secret>[\w-]{1,64}))/"
    r"(?:(?P<kind>badge|card|chart)\.svg|score\.json)"
)
_HEADERS = (
    ("Cache-Control", _CACHING),
    ("Access-Control-Allow-Origin", "*"),
    # Else a script of another site sees neither of the two, and has no ETag to ask with.
    ("Access-Control-Expose-Headers", "ETag, Retry-After"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src {drawing.STYLE_HASHES}; frame-ancestors 'none'",
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. kind: one of KINDS, "" for JSON."""

    handle: str
    secret: str
    kind: str
    theme: str = "auto"
    scale: float = 1.0
    language: str = "en-gb"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; `body` is empty for a 304."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Written:
    """An answer as it stands for everybody who asks, and what those read who have it already."""

    etag: str
    whole: Answer
    unchanged: Answer


# What a script of another site asks first, when it names an ETag that it has.
_PREFLIGHT = Answer(
    204,
    [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "GET, HEAD"),
        ("Access-Control-Allow-Headers", "If-None-Match"),
        ("Access-Control-Max-Age", "86400"),
        ("Cache-Control", "no-store"),
    ],
    b"",
)


def asked(path: str, query: str = "") -> Asked | None:
    """Return what an address means, or None for one that is not of these.

    path: without escapes, as WSGI and Django hand it over.
    What a query says wrongly, or at length, means what it would say unsaid: a picture is never
    broken by it, and none fills the memory.
    """
    if len(path) > _LONGEST:
        return None
    return _asked(path, query if len(query) <= _LONGEST else "")


@lru_cache(KEPT)
def _asked(path: str, query: str) -> Asked | None:
    match = _ADDRESS.fullmatch(path)
    if match is None:
        return None
    handle, secret, kind = match["handle"] or "", match["secret"] or "", match["kind"] or ""
    if not query or not kind:
        return Asked(handle, secret, kind)
    said = _said(query)
    theme, language = said.get("theme", ""), said.get("lang", "")
    return Asked(
        handle,
        secret,
        kind,
        theme=theme if theme in drawing.THEMES else "auto",
        scale=SCALES.get(said.get("size", ""), 1.0),
        language=language if language in _languages() else "en-gb",
    )


def _said(query: str) -> dict[str, str]:
    """Return name -> value of a query; nothing of one with more names than any of ours has."""
    try:
        return {key: values[-1] for key, values in parse_qs(query, max_num_fields=20).items()}
    except ValueError:
        return {}


def answer(what: Asked, meta: Mapping[str, Any]) -> Answer:
    """Return the answer. meta: a WSGI environ, `request.META`. One query, two for a chart.

    What the rows say now decides; what was written for the very same rows is not written again.
    """
    if meta.get("REQUEST_METHOD") == "OPTIONS":
        return _PREFLIGHT
    now = time.time()
    allowance = take_public(meta, now=now)
    if not allowance.passes:
        return _too_many(what, allowance)
    face = (
        rows.by_secret(what.secret)
        if what.secret
        else rows.by_handle(what.handle, now=datetime.fromtimestamp(now, UTC))
    )
    points: Points = ()
    if what.kind == "chart" and face is not None:
        face = face if face.visible.history else None
        points = rows.course(face) if face is not None else ()
    form = _Form(what.kind, what.theme, what.scale, what.language, settings.SITE_URL)
    written = _written(form, face, points)
    named = meta.get("HTTP_IF_NONE_MATCH")
    return written.unchanged if named and _holds(str(named), written) else written.whole


class _Form(NamedTuple):
    """What else an answer depends on: see Asked."""

    kind: str
    theme: str
    scale: float
    language: str
    site: str


@lru_cache(KEPT)
def _written(form: _Form, face: Face | None, points: Points) -> _Written:
    """Write an answer: the same for the same face, which comes from the rows as they are now."""
    with translation.override(form.language):
        if form.kind:
            return _kept(200, _SVG, _drawn(form, _texts(face), points), face)
        if face is not None:
            return _kept(200, "application/json", json.dumps(_figures(face, form.site)), face)
        body = {"status": 404, "title": _("Not found"), "detail": _("Nobody shows a score here.")}
        return _kept(404, "application/problem+json", json.dumps(body), None)


def _drawn(form: _Form, texts: Texts, points: Points) -> str:
    if form.kind == "chart":
        return drawing.chart(texts, _course(points), theme=form.theme, scale=form.scale)
    draw = drawing.badge if form.kind == "badge" else drawing.card
    return draw(texts, theme=form.theme, scale=form.scale)


def _texts(face: Face | None) -> Texts:
    if face is None:
        return Texts(says=_("Kloutsite: private"), score=_("private"), about=_("Not shown here."))
    handle = f"@{face.handle}" if face.handle else ""
    if face.score is None or face.day is None:
        says = _("Kloutsite: not enough to count yet")
        return Texts(
            says=says,
            score=_("not yet"),
            about=_("Not enough to count yet."),
            name=face.name,
            handle=handle,
        )
    score, day = figures.decimal(face.score), figures.day_year(face.day)
    return Texts(
        says=_("Kloutsite: %(score)s of 100 on %(day)s") % {"score": score, "day": day},
        score=score,
        about=_("of 100 on %(day)s") % {"day": day},
        short=figures.day_short(face.day),
        share=face.score / 100,
        name=face.name,
        handle=handle,
    )


def _course(points: Points) -> drawing.Course:
    known = [score for _day, score in points if score is not None]
    if not known:
        return drawing.Course(points)
    return drawing.Course(
        points,
        first=figures.day_short(points[0][0]),
        last=figures.day_short(points[-1][0]),
        low=figures.decimal(min(known)),
        high=figures.decimal(max(known)),
    )


def _figures(face: Face, site: str) -> dict[str, Any]:
    """Return the score as programs read it: a number of 1 to 100, rounded as pages show it."""
    return {
        "handle": face.handle or None,
        "score": None if face.score is None else round(face.score, 1),
        "low": None if face.low is None else round(face.low, 1),
        "high": None if face.high is None else round(face.high, 1),
        "day": face.day.isoformat() if face.day else None,
        "as_of": face.as_of.isoformat().replace("+00:00", "Z") if face.as_of else None,
        "model": face.model or None,
        "page": f"{site}/@{face.handle}" if face.handle else None,
    }


def _kept(status: int, content: str, text: str, face: Face | None) -> _Written:
    body = text.encode()
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = [("ETag", etag), *_HEADERS]
    if face is None or not face.visible.indexed:
        headers.append(("X-Robots-Tag", "noindex"))
    about = [("Content-Type", content), ("Content-Length", str(len(body)))]
    return _Written(etag, Answer(status, [*about, *headers], body), Answer(304, headers, b""))


def _holds(named: str, written: _Written) -> bool:
    """Tell whether If-None-Match names what would be answered."""
    etag = written.etag
    return written.whole.status == 200 and (
        named in (etag, "*") or etag in {one.strip().removeprefix("W/") for one in named.split(",")}
    )


def _too_many(what: Asked, allowance: Allowance) -> Answer:
    """Return what whoever asks too often gets: a picture where one was asked for, too."""
    with translation.override(what.language):
        told = _("That was a lot in a minute. Ask again in %(seconds)s seconds.") % {
            "seconds": allowance.wait
        }
        if what.kind:
            texts = Texts(says=told, score=_("later"), about=told)
            form = _Form(what.kind, what.theme, what.scale, what.language, settings.SITE_URL)
            content, text = _SVG, _drawn(form, texts, ())
        else:
            content, text = "text/plain; charset=utf-8", told
    body = text.encode()
    headers = [("Content-Type", content), ("Content-Length", str(len(body)))]
    kept = [each for each in _HEADERS if each[0] != "Cache-Control"]
    more = [("Cache-Control", "no-store"), *allowance.headers().items()]
    return Answer(429, [*headers, *kept, *more], body)


@cache
def _languages() -> frozenset[str]:
    return frozenset(code for code, _name in settings.LANGUAGES)
