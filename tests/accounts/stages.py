"""What the product does with a network, stage by stage, and what anything it gives must keep to."""

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.connectors.base import (
    Access,
    ConnectorError,
    Identity,
    Inspection,
    Post,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.oauth import LONGEST_LIFE
from tests.accounts.fakes.base import Fake
from tests.accounts.mutations import check_sound

STAGES = ("link", "refresh", "read")
DAYS = timedelta(days=90)
_SENDABLE = re.compile(r"[\x21-\x7e]{1,8000}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def at_stage(stage: str, fake: Fake) -> list[Any]:
    """Do what the product does at a stage, against the fake; return all that it gave."""
    connector, access, now = fake.connector(), fake.access(), timezone.now()
    if stage == "refresh":
        return [connector.refresh(access, now=now)]
    if stage == "read":
        return [connector.read(access, fake.target_id, since=now - DAYS, now=now, progress=_said)]
    return list(_link(fake, access, now))


def _said(sentence: str) -> None:
    assert sentence


def _link(fake: Fake, access: Access, now: datetime) -> Iterator[Any]:
    """Exchange a code where the network is one of the usual pattern, then ask who and list."""
    connector = fake.connector()
    if exchange := getattr(connector, "exchange", None):
        yield exchange(fake.code, redirect_uri="http://127.0.0.1/back", verifier="v" * 43, now=now)
    yield connector.identity(access, now=now)
    yield connector.targets(access, now=now)


def check_refusal(error: ConnectorError, secrets: Iterator[str] | list[str]) -> None:
    """Check that a refusal is fit to show: a sentence, storable, and without any key."""
    sentence = str(error)
    assert sentence.endswith("."), sentence
    assert sentence.isprintable(), repr(sentence)
    assert len(sentence) <= 300, sentence
    assert not _UNSTORABLE.search(error.raw), repr(error.raw)
    assert not [secret for secret in secrets if secret in f"{sentence} {error.raw} {error!r}"]


def check(given: Any, now: datetime) -> None:
    """Check whatever a connector gave: nothing in it that cannot be stored, summed or shown."""
    if isinstance(given, tuple | list):
        for each in given:
            check(each, now)
    elif isinstance(given, Reading):
        check_sound(given, now)
    elif isinstance(given, Tokens):
        _check_tokens(given)
    elif isinstance(given, Identity):
        assert 0 < len(given.uid) <= 191
        assert given.uid.isprintable()
        _check_texts(given.username, given.name, given.url, given.title)
        assert given.url == "" or given.url.startswith(("https://", "http://"))
    elif isinstance(given, Target):
        assert 0 < len(given.external_id) <= 191
        assert given.external_id.isprintable()
        _check_texts(given.title, given.url, given.role, given.reason)
        assert given.url == "" or given.url.startswith(("https://", "http://"))
        _check_count(given.followers)
        _check_count(given.posts_90d)
        assert given.last_post_at is None or given.last_post_at <= now + timedelta(minutes=5)
        assert given.token == "" or _SENDABLE.fullmatch(given.token)
    elif isinstance(given, Post):
        _check_texts(given.text, given.url)
        for count in given.counts.values():
            _check_count(count)
    else:
        assert isinstance(given, Inspection), given


def _check_tokens(tokens: Tokens) -> None:
    assert _SENDABLE.fullmatch(tokens.token)
    assert tokens.refresh == "" or _SENDABLE.fullmatch(tokens.refresh)
    for span in (tokens.lasts, tokens.refresh_lasts, tokens.data_lasts):
        assert span is None or timedelta(0) <= span <= LONGEST_LIFE
    for scope in tokens.scopes:
        assert _SENDABLE.fullmatch(scope)


def _check_texts(*texts: str) -> None:
    for text in texts:
        assert not _UNSTORABLE.search(text), repr(text)
        assert len(text) <= 2_000


def _check_count(count: int | None) -> None:
    assert count is None or (0 <= count <= 2**53 and not math.isnan(count))
