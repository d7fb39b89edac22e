"""Rows of links in the words of pages: facts for the diagnosis, times, the report to copy."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts import budgets, connectors, linking
from accounts.connectors.base import NEEDS_PERSON, Code
from accounts.diagnosis import Facts
from accounts.figures import READER, day_month, moment
from accounts.models import FADE, FRESH, HOLD, Grant, NetworkPause, Source, SyncRun
from accounts.speech import say
from accounts.states import SO_MANY_A_DAY

ENDS_SOON = timedelta(days=7)
Server = tuple[str, str]  # network, issuer
_KINDS = {
    "profile": gettext_lazy("Personal profile"),
    "page": gettext_lazy("Business page"),
    "channel": gettext_lazy("Channel"),
    "organisation": gettext_lazy("Organisation"),
    "archive": gettext_lazy("Archive"),
}


def facts_of(
    source: Source,
    now: datetime,
    run: SyncRun | None = None,
    *,
    down: Collection[Server] = (),
    last_try: str = Code.OK,
    pause: NetworkPause | None = None,
) -> Facts:
    """Return what the diagnosis needs to know; `run` is the last good read, where it is shown.

    `last_try` is the code of what the newest try was told, where that is shown. `down` holds the
    (network, issuer) that answer few people now; `pause` is that of an operator for the network.
    """
    grant, code = source.grant, Code(source.code)
    ends = source.access_ends_at
    begun = source.code_since or now
    return Facts(
        network=linking.name_of(source.network),
        title=source.title,
        state=Source.State.PAUSED if pause else source.state_at(now, down=down),
        code=code,
        archive=grant is None,
        proven=grant is not None or source.proven_at is not None,
        reason=say(source.reason) if grant is None else "",
        moved=source.moved_to,
        off=connectors.is_off(source.network, via=source.via),
        halted=f"{pause.why.rstrip('.')}." if pause else "",
        halted_since=moment(pause.since, now) if pause else "",
        server=source.issuer,
        since=moment(source.code_since, now),
        read=moment(source.read_at, now),
        stale=source.read_at is not None and now - source.read_at > FRESH,
        tried=moment(source.tried_at, now),
        retry=moment(source.retry_at, now) if source.retry_at and source.retry_at > now else "",
        refused=source.failures > 0,
        refused_as=last_try,
        words=source.words,
        quota=budgets.why(source.network) or SO_MANY_A_DAY,
        allowance=budgets.allowance(source.network),
        limited=tuple(source.limited),
        available=source.available,
        paused=moment(source.paused_at, now),
        holds_until=_day(begun + HOLD),
        fades_until=_day(begun + HOLD + FADE),
        consent_ends=moment(ends, now) if ends and now < ends < now + ENDS_SOON else "",
        consent_ended=ends is not None and ends <= now,
        posts=run.posts if run else None,
        recent_posts=source.posts_90d,
        reactions=run.reactions if run else None,
        left_out=run.left_out if run else {},
        speech=READER,
    )


def kind_of(source: Source) -> str:
    """Return what the source is, as people say it."""
    return str(_KINDS.get(source.kind, source.kind.capitalize()))


def reconnect_form(grant: Grant) -> dict[str, str] | None:
    """Return the form that connects a grant once more: its address, and `typed` for what it `asks`.

    None when this site has switched the network off: there is nothing to connect to.
    """
    network, issuer = linking.network_of(grant.account)
    if connectors.is_off(network):
        return None
    if issuer:  # many servers: the start view registers with the server again if need be
        return {"action": reverse(f"{network}_start"), "asks": "instance", "typed": issuer}
    if network in connectors.OF_MANY_SERVERS:  # the account is looked up anew by what never changes
        uid = grant.account.uid
        return {"action": reverse(f"{network}_start"), "asks": "handle", "typed": uid}
    return {"action": reverse(f"{network}_login"), "asks": "", "typed": ""}


def report_of(source: Source, state: str, now: datetime) -> str:
    """Return the facts as lines of text for support: ids, codes and UTC times, never a token."""
    grant = source.grant
    lines = [
        f"link {source.pk} {source.network} {source.issuer} {source.kind}".replace("  ", " "),
        f"state: {state} ({source.code} since {_utc(source.code_since)})",
        f"network's words: {source.words or 'none'}",
        f"last good read: {_utc(source.read_at)}",
        f"last try: {_utc(source.tried_at)}, {source.failures} failed in a row",
        f"next try not before: {_utc(source.retry_at)}",
        f"complete since: {_utc(source.complete_since)}",
        f"listed by the network: {'yes' if source.available else 'no'}",
    ]
    if grant is not None:
        lines += [
            f"scopes granted: {' '.join(grant.scopes) or 'none named'}",
            f"access given: {_utc(grant.issued_at)}, ends: {_utc(grant.expires_at)}",
        ]
    return "\n".join([*lines, f"written: {_utc(now)}"])


def needs_person(source: Source) -> bool:
    """Tell whether only the person can mend the link."""
    off = connectors.is_off(source.network, via=source.via)
    return source.code in NEEDS_PERSON and source.paused_at is None and not off


def _day(at: datetime) -> str:
    return day_month(timezone.localtime(at).date())


def _utc(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if at else "never"
