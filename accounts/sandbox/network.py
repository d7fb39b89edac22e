"""The server of the made-up network, inside this process: requests in, JSON out.

    GET  /v1/me                            who the token belongs to
    GET  /v1/me/sign-in                    the same, and no fault that lasts keeps anybody out
    GET  /v1/me/places                     what the token may speak for
    GET  /v1/places/<id>                   a profile or page with its figures
    GET  /v1/places/<id>/posts?since=      public posts, oldest first, 50 a page
    GET  /v1/places/<id>/reactions?since=  what known people did about those posts, 500 a page
    GET  /v1/time                          the network's clock
    POST /v1/introspect                    what the network says about the token, alive or not
    POST /v1/revoke                        forget the token

Lists carry `next`, a cursor, or null. An error is `{"error": code, "message": sentence}`. A server
has a clock of its own, so each request is told what time it is. Faults are rows of SandboxFault.
"""

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.urls import reverse

from accounts.models import SandboxFault, SandboxToken
from accounts.sandbox import people, world
from accounts.sandbox.faults import MEANINGS, Fault

SCOPES = ("profile", "posts", "reactions")
POSTS_A_PAGE = 50
REACTIONS_A_PAGE = 500
SLOW_SECONDS = 2.0
WAIT_SECONDS = 300  # Retry-After of the fault "rate_limited"
CLOCK_AHEAD = timedelta(days=1)  # under the fault "clock_off"
# Asked about a token rather than with one: they answer for a dead one too.
ABOUT_TOKENS = frozenset({"/v1/time", "/v1/introspect"})

T = TypeVar("T")
Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]
_JSON: Headers = {"Content-Type": "application/json"}


class Refusal(Exception):
    """Ends a request with an error status."""

    def __init__(
        self, status: int, code: str, message: str, headers: Headers | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


def answer(method: str, path: str, params: Mapping[str, str], token: str, now: datetime) -> Answer:
    """Return (status, headers, body) of a request. Takes two seconds under the fault "slow"."""
    try:
        row = _known(token) if path in ABOUT_TOKENS else _alive(token)
        place_id = _place_id(path)
        broken = _fault(row, path, now)
        if broken is Fault.SLOW and path.endswith("/posts") and "cursor" not in params:
            time.sleep(SLOW_SECONDS)
        if not (path in ABOUT_TOKENS and broken is not None and MEANINGS[broken].mended_by_consent):
            _refuse(broken, path)
        if broken is Fault.MALFORMED:
            return 200, dict(_JSON), b'{"items": [{"id": "maproom'
        body = _route(method, path, params, row, place_id, broken, now)
    except Refusal as refusal:
        body = {"error": refusal.code, "message": str(refusal)}
        return refusal.status, _JSON | refusal.headers, json.dumps(body).encode()
    return 200, dict(_JSON), json.dumps(body).encode()


def digest(token: str) -> str:
    """Return the hash under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _known(token: str) -> SandboxToken:
    row = SandboxToken.objects.filter(digest=digest(token)).first() if token else None
    if row is None or row.person not in people.people():
        raise Refusal(401, "token_unknown", "This token was not given out here.")
    return row


def _alive(token: str) -> SandboxToken:
    row = _known(token)
    if row.revoked_at is not None:
        raise Refusal(401, "token_revoked", "This token was taken back.")
    return row


def _place_id(path: str) -> str:
    parts = path.strip("/").split("/")
    return parts[2] if parts[:2] == ["v1", "places"] and len(parts) > 2 else ""


def _fault(row: SandboxToken, path: str, now: datetime) -> Fault | None:
    """Return the fault that meets this token at this path; the person's own comes first.

    Signing in is spared every fault that a new consent does not mend: the switches are behind it.
    """
    rows = SandboxFault.objects.filter(person=row.person, target__in={"", _place_id(path)})
    for found in rows.order_by("target"):
        fault = Fault(found.fault)
        by_consent = MEANINGS[fault].mended_by_consent
        spared = row.issued_at > found.since if by_consent else path == "/v1/me/sign-in"
        if found.since <= now and not spared:
            return fault
    return None


def _refuse(fault: Fault | None, path: str) -> None:
    """Raise the refusal that a fault means for a path."""
    at_place = path.startswith("/v1/places/")
    if fault is Fault.REVOKED:
        raise Refusal(401, "token_revoked", "This token was taken back.")
    if fault is Fault.EXPIRED:
        raise Refusal(401, "token_expired", "The consent behind this token has ended.")
    if fault is Fault.RATE_LIMITED:
        wait = {"Retry-After": str(WAIT_SECONDS)}
        raise Refusal(429, "rate_limited", "Too many requests. Come back later.", wait)
    if fault is Fault.SERVER_ERROR:
        raise Refusal(503, "unavailable", "The service is not available at the moment.")
    if fault is Fault.APP_REFUSED:
        raise Refusal(401, "app_unknown", "The key of this application is not valid.")
    if fault is Fault.GONE and path not in ABOUT_TOKENS:
        raise Refusal(410, "gone", "This account or page no longer exists.")
    if fault is Fault.ROLE_LOST and at_place:
        raise Refusal(403, "role_lost", "The role on this page does not allow to read it.")
    if fault is Fault.SCOPE_MISSING and path.endswith("/reactions"):
        raise Refusal(403, "scope_missing", "The permission “reactions” was not given.")


def _route(
    method: str,
    path: str,
    params: Mapping[str, str],
    row: SandboxToken,
    place_id: str,
    broken: Fault | None,
    now: datetime,
) -> dict[str, Any]:
    empty = broken is Fault.EMPTY
    if (method, path) == ("POST", "/v1/introspect"):
        return _introspection(row, broken)
    if (method, path) == ("POST", "/v1/revoke"):
        SandboxToken.objects.filter(pk=row.pk).update(revoked_at=now)
        return {"revoked": True}
    if method != "GET":
        raise Refusal(405, "method", "This path is read only.")
    if path == "/v1/time":
        return {"now": (now + CLOCK_AHEAD if broken is Fault.CLOCK_OFF else now).isoformat()}
    if path in {"/v1/me", "/v1/me/sign-in"}:
        return _me(row, now)
    if path == "/v1/me/places":
        places = [] if empty else _granted(row, now)
        return {"items": [_place(place, row.person, now) for place in places], "next": None}
    place = _readable(row, place_id)
    what = path.removeprefix(f"/v1/places/{place_id}")
    if what == "":
        return _place(place, row.person, now)
    if what == "/posts":
        return _posts(row, place, params, now, broken)
    if what == "/reactions":
        return _reactions(row, place, params, now, empty)
    raise Refusal(404, "no_such_path", f"There is nothing at {path}.")


def _introspection(row: SandboxToken, broken: Fault | None) -> dict[str, Any]:
    """Return what is known about a token (RFC 7662), also why it is dead."""
    status = "expired" if broken is Fault.EXPIRED else "active"
    if broken is Fault.REVOKED or row.revoked_at is not None:
        status = "revoked"
    lost = {"reactions"} if broken is Fault.SCOPE_MISSING else set()
    return {
        "active": status == "active",
        "status": status,
        "since": row.issued_at.isoformat(),
        "scopes": [scope for scope in row.scopes if scope not in lost],
        "targets": row.targets,
        "not_ticked": len([p for p in people.places_of(row.person) if p.id not in row.targets]),
    }


def _me(row: SandboxToken, now: datetime) -> dict[str, Any]:
    person = people.people()[row.person]
    return {
        "id": person.id,
        "name": person.name,
        "handle": person.handle,
        "zone": person.zone,
        "since": person.since.isoformat(),
        "followers": world.followers(person, now=now),
        "scopes": row.scopes,
        "places": len(_granted(row, now)),
    }


def _granted(row: SandboxToken, now: datetime) -> list[people.Place]:
    """Return the places ticked at consent, without those that are gone since."""
    gone = SandboxFault.objects.filter(person=row.person, fault=Fault.GONE, since__lte=now)
    hidden = set(gone.values_list("target", flat=True))
    mine = people.places_of(row.person)
    return [place for place in mine if place.id in row.targets and place.id not in hidden]


def _readable(row: SandboxToken, place_id: str) -> people.Place:
    place = people.places().get(place_id)
    if place is None or place.owner != row.person:
        raise Refusal(404, "no_such_place", "There is no such profile or page.")
    if place_id not in row.targets:
        raise Refusal(403, "not_granted", "This profile or page was not ticked at consent.")
    if not place.readable:
        raise Refusal(403, "role_lost", "The role on this page does not allow to read it.")
    return place


def _place(place: people.Place, person: str, now: datetime) -> dict[str, Any]:
    lost = SandboxFault.objects.filter(
        person=person, target=place.id, fault=Fault.ROLE_LOST, since__lte=now
    )
    recent, last = world.activity(place.id, now=now)
    return {
        "id": place.id,
        "kind": place.kind,
        "title": place.title,
        "url": f"{settings.SITE_URL}{reverse('sandbox_place', args=[place.id])}",
        "role": place.role,
        "followers": world.followers(place, now=now),
        "listed": world.listed(place, now=now),
        "posts_90d": recent,
        "last_post_at": last.isoformat() if last else None,
        "readable": place.readable and not lost.exists(),
        "note": place.note,
    }


def _needs(row: SandboxToken, scope: str) -> None:
    if scope not in row.scopes:
        raise Refusal(403, "scope_missing", f"The permission “{scope}” was not given.")


def _posts(
    row: SandboxToken,
    place: people.Place,
    params: Mapping[str, str],
    now: datetime,
    broken: Fault | None,
) -> dict[str, Any]:
    _needs(row, "posts")
    found = [] if broken is Fault.EMPTY else world.posts(place.id, since=_since(params), now=now)
    public = [post for post in found if post.public]
    page, cursor = _page(public, params, POSTS_A_PAGE)
    return {
        "items": [_post(post, now, broken) for post in page],
        "next": cursor,
        "hidden": {"not_public": len(found) - len(public)},
    }


def _post(post: world.WorldPost, now: datetime, broken: Fault | None) -> dict[str, Any]:
    counts = post.counts(now)
    if broken is Fault.METRIC_RETIRED:
        del counts["quote"]
    return {
        "id": post.id,
        "url": f"{settings.SITE_URL}{reverse('sandbox_post', args=[post.id])}",
        "at": post.at.isoformat(),
        "text": post.text,
        "kind": post.kind,
        "language": "en",
        "counts": counts,
    }


def _reactions(
    row: SandboxToken, place: people.Place, params: Mapping[str, str], now: datetime, empty: bool
) -> dict[str, Any]:
    _needs(row, "reactions")
    found = [] if empty else world.posts(place.id, since=_since(params), now=now)
    acts = [(act, post.id) for post in found if post.public for act in post.acts_by(now)]
    # By time: what happens between two pages comes after the cursor.
    acts.sort(key=lambda pair: (pair[0].at, pair[0].id))
    page, cursor = _page(acts, params, REACTIONS_A_PAGE)
    items = []
    for act, post_id in page:
        actor = people.people()[act.actor]
        items.append(
            {
                "id": act.id,
                "post": post_id,
                "kind": act.kind,
                "at": act.at.isoformat(),
                "actor": {
                    "id": actor.id,
                    "followers": world.followers(actor, now=now),
                    "since": actor.since.isoformat(),
                },
            }
        )
    return {"items": items, "next": cursor}


def _since(params: Mapping[str, str]) -> datetime:
    try:
        since = datetime.fromisoformat(params["since"])
    except (KeyError, ValueError) as error:
        raise Refusal(400, "bad_since", "Say since when, as an ISO date with a zone.") from error
    if since.tzinfo is None:
        raise Refusal(400, "bad_since", "The date needs a zone.")
    return since


def _page(
    items: Sequence[T], params: Mapping[str, str], size: int
) -> tuple[Sequence[T], str | None]:
    """Return a page of `items` and the cursor of the next one."""
    try:
        start = int(base64.urlsafe_b64decode(params.get("cursor", "MA==")))
    except (ValueError, binascii.Error) as error:
        raise Refusal(400, "bad_cursor", "This cursor was not given out here.") from error
    if not 0 <= start <= len(items):
        raise Refusal(400, "bad_cursor", "This cursor was not given out here.")
    end = start + size
    more = end < len(items)
    return items[start:end], base64.urlsafe_b64encode(b"%d" % end).decode() if more else None
