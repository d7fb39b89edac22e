"""People, grants and sources for tests, and the walk through the made-up network's consent."""

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import linking
from accounts.connectors.archives import ArchiveContent, Claim
from accounts.connectors.base import Code, ConnectorError, Kind, Post, Reading
from accounts.models import Grant, SandboxToken, Source, User
from accounts.sandbox import network, people

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # whatever the real clock says


def person(name: str = "ada", *, password: str | None = "correct horse battery") -> User:
    """Return somebody of this site; with a password also with the address to use it with."""
    user = User.objects.create_user(name, f"{name}@example.org", password)
    if password:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def signed_in(user: User, *, at: float | None = None) -> Client:
    """Return a browser in which the person signed in by password: now, or at a Unix time."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": at or time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def grant(
    user: User, *, who: str = "nora", places: Sequence[str] | None = None, now: datetime = NOW
) -> Grant:
    """Return a grant of a made-up person whose token the sandbox knows; nothing is listed yet."""
    token = f"sbx_{secrets.token_hex(8)}"
    SandboxToken.objects.create(
        digest=network.digest(token),
        person=who,
        scopes=list(network.SCOPES),
        targets=list(places) if places is not None else [p.id for p in people.places_of(who)],
        issued_at=now,
    )
    account, _made = SocialAccount.objects.get_or_create(user=user, provider="sandbox", uid=who)
    granted = linking.Granted(token=token, scopes=network.SCOPES)
    return linking.keep_grant(account=account, granted=granted, now=now)


def source(user: User, *, title: str = "Map Room Lisbon", **values: Any) -> Source:
    """Return a row of a source that counts and was read an hour ago; no network was asked.

    `grant` is one of 30 days ago unless given.
    """
    known: dict[str, Any] = {
        "grant": values.pop("grant", None) or grant(user, now=NOW - timedelta(days=30)),
        "network": "sandbox",
        "external_id": "maproom-lisbon",
        "kind": "page",
        "role": "admin",
        "followers": 6_120,
        "posts_90d": 31,
        "selected": True,
        "selected_at": NOW - timedelta(days=30),
        "code": Code.OK,
        "code_since": NOW - timedelta(days=30),
        "tried_at": NOW - timedelta(hours=1),
        "read_at": NOW - timedelta(hours=1),
        "complete_since": NOW - timedelta(days=180),
    }
    return Source.objects.create(user=user, title=title, **known | values)


def reading(
    *, posts: int = 1, since: datetime = NOW - timedelta(days=90), **values: Any
) -> Reading:
    """Return a reading with `posts` posts an hour apart, the newest an hour before NOW."""
    made = tuple(
        Post(
            external_id=f"p{number}",
            created_at=NOW - timedelta(hours=number + 1),
            text=f"Post {number}",
            counts={Kind.LIKE: 2},
        )
        for number in range(posts)
    )
    return Reading(since=since, posts=made, **{"pages": 1} | values)


def archive(account_id: str = "12", **values: Any) -> ArchiveContent:
    """Return what a reader made of an archive of X with three posts."""
    known: dict[str, Any] = {
        "network": "x_archive",
        "handle": "ada",
        "title": "Ada on X",
        "url": "https://x.com/ada",
        "claim": Claim("x", account_id),
    }
    return ArchiveContent(account_id=account_id, reading=reading(posts=3), **known | values)


def refusal(code: Code = Code.REVOKED, **values: Any) -> ConnectorError:
    """Return what a connector raises when the network says no."""
    return ConnectorError(code, "The network said no.", **{"raw": "401 token_revoked"} | values)


def begin(client: Client, *, process: str = "login") -> str:
    """Press the sandbox's button and return the address of its consent page."""
    answer = client.post(reverse("sandbox_login"), {"process": process})
    assert answer.status_code == 302, answer.status_code
    return answer.headers["Location"]


def consent(client: Client, address: str, *, who: str = "nora", answer: str = "allow") -> str:
    """Answer the consent page as a made-up person and return the address of the callback."""
    asked = dict(parse_qsl(urlsplit(address).query))
    said = client.post(urlsplit(address).path, asked | {"person": who, "answer": answer})
    assert said.status_code == 302, said.content[:500]
    parts = urlsplit(said.headers["Location"])
    return f"{parts.path}?{parts.query}"


def link_sandbox(client: Client, *, who: str = "nora", process: str = "login") -> HttpResponse:
    """Walk from the sandbox's button to the answer of our callback."""
    back = consent(client, begin(client, process=process), who=who)
    answer: HttpResponse = client.get(back)
    return answer
