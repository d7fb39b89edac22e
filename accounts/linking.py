"""Acts on linked accounts: keep a grant, pause, ask for a read.

Whatever cannot be done is raised as LinkingError, whose text is fit to show, and has changed
nothing. Choosing what counts is accounts.choosing, files are accounts.archives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from accounts import sealing, unlinking
from accounts.connectors.archives import KINDS
from accounts.connectors.base import ASKED_TO_WAIT, NEEDS_PERSON, Code, Tokens
from accounts.connectors.setup import SETUPS
from accounts.models import Grant, NetworkPause, Source
from accounts.signals import Change, tell
from accounts.speech import say

LONGEST_LIFE = timedelta(days=3650)  # of a token
READ_AGAIN_AFTER = timedelta(minutes=1)  # between two presses of "Read now"

# Says what the score will do when each of these sources stops counting: (user id, source ids, now)
# -> source id -> a sentence. scoring sets it at the start, since accounts never imports scoring.
effects_of_unlinking: Callable[[int, list[int], datetime], dict[int, str]] | None = None
# Says what the score will do when some sources stop counting and others begin: (user id, ids that
# stop, ids that begin, now) -> a sentence. Set as above.
effect_of_choice: Callable[[int, list[int], list[int], datetime], str] | None = None


class LinkingError(Exception):
    """Something about a link could not be done. `str(error)` says what happened and what to do."""


@dataclass(frozen=True)
class Granted:
    """What a network granted at the end of an OAuth flow; a provider hangs it on the login.

    `scopes` are those that were granted, not those `asked` for; `server` is the base address where
    a network has many servers; `key` is a private key that the token is bound to.
    """

    token: str
    refresh: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    server: str = ""
    asked: tuple[str, ...] = ()
    refresh_ends_at: datetime | None = None
    data_ends_at: datetime | None = None
    key: str = ""

    @classmethod
    def of(
        cls, tokens: Tokens, *, asked: tuple[str, ...], now: datetime, server: str = ""
    ) -> "Granted":
        """Return what a token answer of `now` granted; a network that names no scopes gave all."""
        return cls(
            token=tokens.token,
            refresh=tokens.refresh,
            scopes=tokens.scopes or asked,
            expires_at=later(now, tokens.lasts),
            server=server,
            asked=asked,
            refresh_ends_at=later(now, tokens.refresh_lasts),
            data_ends_at=later(now, tokens.data_lasts),
            key=tokens.key,
        )

    def __repr__(self) -> str:
        return f"Granted(scopes={self.scopes!r}, server={self.server!r})"


def later(now: datetime, by: timedelta | None) -> datetime | None:
    """Return the time `by` after `now`, at most LONGEST_LIFE; None for None."""
    return None if by is None else now + min(max(by, timedelta(0)), LONGEST_LIFE)


def network_of(account: SocialAccount) -> tuple[str, str]:
    """Return (network, issuer) of an account: "mastodon:m.example" is ("mastodon", "m.example")."""
    network, _, issuer = account.provider.partition(":")
    return network, issuer


def name_of(network: str) -> str:
    """Return the network's name as people write it."""
    if network in SETUPS:
        return SETUPS[network].name
    return say(KINDS[network]) if network in KINDS else network.capitalize()


def keep_grant(*, account: SocialAccount, granted: Granted, now: datetime) -> Grant:
    """Store what the network granted, sealed to its row, and wake the sources that wait for it.

    Raises LinkingError when the network gave no token: an empty answer never replaces one.
    """
    if not granted.token:
        raise LinkingError(
            say(
                "{name_of} said yes but gave no key. Start again in a minute.",
                name_of=name_of(network_of(account)[0]),
            )
        )
    with transaction.atomic():
        grant = Grant.objects.select_for_update(no_key=True).filter(account=account).first()
        known = grant is not None
        grant = grant or Grant(account=account)
        if known and not unlinking.holds(grant, granted.token):
            unlinking.forget_replaced(grant)
        refresh = granted.refresh or _old_refresh(grant)
        grant.seal(token=granted.token, refresh=refresh, key=granted.key)
        grant.server = granted.server
        grant.scopes, grant.asked_scopes = sorted(granted.scopes), sorted(granted.asked)
        grant.expires_at, grant.refresh_ends_at = granted.expires_at, granted.refresh_ends_at
        grant.data_ends_at = granted.data_ends_at
        grant.issued_at, grant.renewing_until = now, None
        grant.save()
        if known:
            _wake(grant, now)
    return grant


def _old_refresh(grant: Grant) -> str:
    """Return the refresh token we hold: many networks do not send it a second time."""
    try:
        return sealing.unseal(grant.sealed_refresh, bound_to=f"grant:{grant.pk}:refresh")
    except sealing.CannotOpen:
        return ""


def _wake(grant: Grant, now: datetime) -> None:
    """Forget old failures of the grant's sources and say that access works again."""
    selected = list(grant.sources.filter(selected=True).locked())
    for source in selected:
        if source.code != Code.OK:
            source.code_since = now
        if source.code in NEEDS_PERSON:
            source.mended_at = now
        source.code, source.words, source.failures = Code.OK, "", 0
        source.tried_at = source.retry_at = None
        source.save(
            update_fields=[
                "code",
                "code_since",
                "words",
                "failures",
                "tried_at",
                "retry_at",
                "mended_at",
            ]
        )
        tell(source, Change.RECONNECTED)


def pause(*, source: Source, now: datetime) -> None:
    """Stop reading the source until the person resumes. Pausing twice changes nothing."""
    with transaction.atomic():
        if Source.objects.filter(pk=source.pk, paused_at=None).update(paused_at=now):
            source.paused_at = now
            tell(source, Change.PAUSED)


def resume(*, source: Source) -> None:
    """Read the source again. Resuming one that is not paused changes nothing."""
    with transaction.atomic():
        if Source.objects.filter(pk=source.pk, paused_at__isnull=False).update(paused_at=None):
            source.paused_at = None
            tell(source, Change.RESUMED)


def refuse_if_halted(network: str) -> None:
    """Raise LinkingError with the reason when an operator has paused a network for everybody."""
    pause = NetworkPause.objects.filter(network=network).first()
    if pause is not None:
        name = name_of(network)
        raise LinkingError(
            say(
                "Whoever runs this site paused {name} for everybody: {why}",
                name=name,
                why=pause.why,
            )
        )


def read_now(*, source: Source, now: datetime) -> None:
    """Ask for a read before its time. Raises LinkingError when it cannot or must not be now."""
    if source.grant_id is None:
        raise LinkingError(
            say("An archive is read once. Upload a newer one to bring it up to date.")
        )
    if source.paused_at is not None:
        raise LinkingError(say("You paused this. Resume it and it is read at once."))
    if not source.selected:
        raise LinkingError(say("This does not count now. Choose it first."))
    refuse_if_halted(source.network)
    slow = source.code in ASKED_TO_WAIT
    if slow and source.retry_at is not None and source.retry_at > now:
        raise LinkingError(
            say(
                "{name_of} asked us to wait. We read again as soon as it allows.",
                name_of=name_of(source.network),
            )
        )
    if source.tried_at is not None and now - source.tried_at < READ_AGAIN_AFTER:
        raise LinkingError(say("We asked less than a minute ago. Press again in a minute."))
    with transaction.atomic():
        tell(source, Change.READ_ASKED)
