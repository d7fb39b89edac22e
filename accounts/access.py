"""Access that is good now: opened, renewed by one worker at a time, asked once more if refused.

Many networks hand out a new refresh token with each renewal and end the whole session when an old
one is used again, so two workers must never renew at once. The right to renew is a short lease on
the grant's row and not a lock: a network may take seconds, and SQLite has one writer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Q

from accounts import breakers, budgets, connectors, sealing, unlinking
from accounts.connectors.base import RETRYABLE, Access, Code, ConnectorError, Tokens
from accounts.linking import Granted, name_of, network_of
from accounts.models import Grant, Source
from accounts.providers.mastodon import registry
from accounts.speech import say

LEASE = timedelta(seconds=40)  # longer than a renewal of two calls may take
WAIT = 20.0  # seconds for somebody else's renewal
_LOOK_AGAIN = 0.05  # seconds

T = TypeVar("T")


def ask(
    grant: Grant, call: Callable[[Access], T], *, now: datetime, source: Source | None = None
) -> T:
    """Return what `call` makes of an access that is good now, for `source` where it is about one.

    When the network refuses the token although it should live, it is renewed and `call` is made
    once more. Raises ConnectorError: what `call` raises, and Code.EXPIRED when the access has ended
    or cannot be opened here, so that no network is asked with a key that is not the person's;
    breakers.Resting while the server is left alone, and Code.QUOTA_EXHAUSTED where its hour is
    used up.
    """
    with _reaching(grant, now):
        return _asked(grant, call, now, source)


@contextmanager
def _reaching(grant: Grant, now: datetime) -> Iterator[None]:
    """Count the calls to the grant's server, and leave it alone where it answers nobody."""
    network, issuer = network_of(grant.account)
    who = grant.account.user_id
    with (
        budgets.counting(network, issuer, now) as calls,
        breakers.guarding(network, issuer, who=who, calls=calls, now=now),
    ):
        yield


def _asked(grant: Grant, call: Callable[[Access], T], now: datetime, source: Source | None) -> T:
    """Do `ask` at a server that may be asked."""
    meter = budgets.meter(source.network if source else grant.network, now)
    access = replace(_good_or_none_needed(grant, source, now), meter=meter)
    began = time.monotonic()
    try:
        return call(access)
    except ConnectorError as error:
        if error.code not in {Code.EXPIRED, Code.REVOKED} or not access.refresh:
            raise
    now += timedelta(seconds=time.monotonic() - began)  # a long read would outlive the lease
    return call(replace(_good(grant, source, now, refused=access.token), meter=meter))


def _good_or_none_needed(grant: Grant, source: Source | None, now: datetime) -> Access:
    """Return a good access; a dead one where everybody may read what is read.

    What needs the key there all the same says so by itself. Raises ConnectorError, there too once
    nothing has proven for long whose account it is.
    """
    try:
        return _good(grant, source, now)
    except ConnectorError as error:
        held = Grant.objects.select_related("account").filter(pk=grant.pk).first()
        if held is None or held.network not in connectors.SHOWN_TO_ALL:
            raise
        if now - _proven_at(held) > connectors.SHOWN_TO_ALL[held.network]:
            raise _unproven(held) from error
    try:
        return _opened(held, source)
    except ConnectorError:  # it cannot even be opened
        return Access(token="", account_id=held.account.uid, server=held.server)


def _proven_at(grant: Grant) -> datetime:
    """Return when the account last proved to be its person's: at consent, or at a renewal since.

    A renewed token ends an hour or so after it was given.
    """
    return max(grant.issued_at, grant.expires_at or grant.issued_at)


def _unproven(grant: Grant) -> ConnectorError:
    name, days = name_of(grant.network), connectors.SHOWN_TO_ALL[grant.network].days
    return ConnectorError(
        Code.EXPIRED,
        say(
            "{name} has not confirmed for {days} days that this account is yours. "
            "Connect it again.",
            name=name,
            days=days,
        ),
    )


def _good(grant: Grant, source: Source | None, now: datetime, refused: str = "") -> Access:
    """Return an access that is not about to end, and not the one whose token was `refused`."""
    give_up = time.monotonic() + WAIT
    renewed = False
    while time.monotonic() < give_up:
        held = Grant.objects.select_related("account").filter(pk=grant.pk).first()
        if held is None:
            raise ConnectorError(
                Code.EXPIRED, say("This was unlinked in the meantime. Link it again.")
            )
        access = _opened(held, source)
        if access.target_token and not access.refresh and not refused:
            return _of_page(held, access, now)
        if renewed or not _is_due(held, access, now, refused):
            return access
        alive = not refused and held.expires_at is not None and held.expires_at > now
        if not access.refresh:
            if alive:
                return access
            raise _ended(held)
        if _claim(held, now):
            if not _renew(held, access, now, alive=alive):
                return access
            renewed = True  # whatever was given is asked with: the same once more, or a short life
            continue
        if alive:
            return access  # another worker renews it; this one is good for a while
        time.sleep(_LOOK_AGAIN)
    raise breakers.NotAsked(
        Code.TRANSIENT,
        say(
            "The access to {name_of} is being renewed. We try again in a minute.",
            name_of=name_of(grant.network),
        ),
        retry_at=now + LEASE,
    )


def _of_page(grant: Grant, access: Access, now: datetime) -> Access:
    """Return the access to a page by its own key, which outlives that of its person.

    Raises ConnectorError when the network shows no data any more until they come back.
    """
    if grant.data_ends_at is not None and grant.data_ends_at <= now:
        raise _ended(grant)
    return access


def _is_due(grant: Grant, access: Access, now: datetime, refused: str) -> bool:
    """Tell whether the token must be renewed before it is used."""
    if refused:
        return access.token == refused
    if grant.expires_at is None:
        return False
    return grant.expires_at - connectors.get(grant.network).renew_before <= now


def _claim(grant: Grant, now: datetime) -> bool:
    """Take the right to renew exactly this token, unless another worker has it."""
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    same = Grant.objects.filter(free, pk=grant.pk, sealed_token=grant.sealed_token)
    return bool(same.update(renewing_until=now + LEASE))


def _renew(grant: Grant, access: Access, now: datetime, *, alive: bool) -> bool:
    """Have the network renew the token and store it. Returns False when the old one must do.

    Raises ConnectorError when the network refuses, or gives no answer and the old token is dead.
    """
    mine = Grant.objects.filter(pk=grant.pk, sealed_token=grant.sealed_token)
    try:
        if grant.network == "mastodon":  # the client is a row of ours; no connector reads rows
            access = registry.known_as(access)
        tokens = connectors.get(grant.network).refresh(access, now=now)
    except ConnectorError as error:
        if not mine.update(renewing_until=None):
            return True  # the person connected again meanwhile: theirs is another token
        if alive and error.code in RETRYABLE:
            return False
        raise
    with transaction.atomic():
        locked = mine.select_for_update(no_key=True).first()
        if locked is not None:
            _store(locked, access, tokens, now)
        else:  # the person connected again meanwhile, or unlinked: nobody keeps what came
            _forget(grant, access, tokens)
    return True


def _forget(grant: Grant, access: Access, tokens: Tokens) -> None:
    """Have the network forget renewed tokens that came too late to be kept."""
    given = replace(
        access,
        token=tokens.token,
        refresh=tokens.refresh or access.refresh,
        key=tokens.key or access.key,
    )
    unlinking.forget_given(given, network=grant.network, user_id=grant.account.user_id)


def _store(grant: Grant, access: Access, tokens: Tokens, now: datetime) -> None:
    """Write renewed tokens; what the network did not say again stays as it was."""
    given = Granted.of(tokens, asked=tuple(grant.asked_scopes), now=now)
    grant.seal(
        token=given.token, refresh=given.refresh or access.refresh, key=given.key or access.key
    )
    grant.scopes = sorted(tokens.scopes) if tokens.scopes else grant.scopes
    grant.expires_at = given.expires_at
    grant.refresh_ends_at = given.refresh_ends_at or grant.refresh_ends_at
    grant.data_ends_at = given.data_ends_at or grant.data_ends_at
    grant.renewing_until = None
    grant.save()


def as_held(grant: Grant) -> Access:
    """Return what the row holds, dead or alive: for asking the network about it.

    Raises ConnectorError(EXPIRED) when it cannot be opened here.
    """
    return _opened(grant, None)


def _opened(grant: Grant, source: Source | None) -> Access:
    """Return what the row holds. Raises ConnectorError(EXPIRED) when it cannot be opened here."""
    target_token, via = "", ""
    try:
        if source is not None:
            target_token = source.target_token()
            via = grant.network if source.network != grant.network else ""
        return grant.access(target_token=target_token, via=via)
    except sealing.CannotOpen as error:
        name = name_of(network_of(grant.account)[0])
        raise ConnectorError(
            Code.EXPIRED,
            say("We cannot open the key {name} gave. Connect it again.", name=name),
            raw=str(error),
        ) from error


def _ended(grant: Grant) -> ConnectorError:
    name = name_of(network_of(grant.account)[0])
    return ConnectorError(
        Code.EXPIRED, say("The access {name} gave has ended. Connect it again.", name=name)
    )
