"""Acts on linked accounts: keep a grant, list what it offers, choose what counts, pause.

A network is asked outside of any transaction; what it said is then written in one. Whatever cannot
be done is raised as LinkingError, whose text is fit to show, and has changed nothing.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from accounts import connectors, sealing, unlinking
from accounts.connectors.archives import ArchiveContent
from accounts.connectors.base import Access, Code, ConnectorError, Target
from accounts.health import reading_succeeded
from accounts.models import Grant, Source, User
from accounts.signals import Change, source_changed

READ_AGAIN_AFTER = timedelta(minutes=1)  # between two presses of "Read now"

# Says what the score will do when each of these sources stops counting: (user id, source ids, now)
# -> source id -> a sentence. scoring sets it at the start, since accounts never imports scoring.
effects_of_unlinking: Callable[[int, list[int], datetime], dict[int, str]] | None = None


class LinkingError(Exception):
    """Something about a link could not be done. `str(error)` says what happened and what to do."""


@dataclass(frozen=True)
class Granted:
    """What a network granted at the end of an OAuth flow; a provider hangs it on the login.

    `scopes` are those that were granted, not those asked for; `server` is the base address where a
    network has many servers.
    """

    token: str
    refresh: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    server: str = ""

    def __repr__(self) -> str:
        return f"Granted(scopes={self.scopes!r}, server={self.server!r})"


def network_of(account: SocialAccount) -> tuple[str, str]:
    """Return (network, issuer) of an account: "mastodon:m.example" is ("mastodon", "m.example")."""
    network, _, issuer = account.provider.partition(":")
    return network, issuer


def name_of(network: str) -> str:
    """Return the network's name as people write it."""
    if connectors.has(network):
        return connectors.get(network).name
    return {"csv": "CSV table", "x_archive": "X archive"}.get(network, network.capitalize())


def keep_grant(*, account: SocialAccount, granted: Granted, now: datetime) -> Grant:
    """Store what the network granted, sealed to its row, and wake the sources that wait for it.

    Raises LinkingError when the network gave no token: an empty answer never replaces one.
    """
    if not granted.token:
        raise LinkingError(
            f"{name_of(network_of(account)[0])} said yes but gave no key. Start again in a minute."
        )
    with transaction.atomic():
        grant = Grant.objects.select_for_update(no_key=True).filter(account=account).first()
        known = grant is not None
        grant = grant or Grant(account=account)
        if known and not unlinking.holds(grant, granted.token):
            unlinking.forget_replaced(grant)
        refresh = granted.refresh or _old_refresh(grant)
        grant.seal(token=granted.token, refresh=refresh)
        grant.server = granted.server
        grant.scopes = sorted(granted.scopes)
        grant.expires_at = granted.expires_at
        grant.issued_at = now
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
        source.code, source.words, source.failures = Code.OK, "", 0
        source.tried_at = source.retry_at = None
        source.save(
            update_fields=["code", "code_since", "words", "failures", "tried_at", "retry_at"]
        )
        _tell(source, Change.RECONNECTED)


def fresh_access(*, source: Source, now: datetime) -> Access:
    """Return what a connector needs to read the source.

    Raises ConnectorError with Code.EXPIRED when the access has ended or cannot be opened here, so
    that the network is not asked with a key that is not the person's.
    """
    grant = source.grant
    if grant is None:
        raise ConnectorError(
            Code.EXPIRED, f"{source.title} is an archive: there is nothing to read."
        )
    name = name_of(source.network)
    if grant.expires_at is not None and grant.expires_at <= now:
        raise ConnectorError(Code.EXPIRED, f"The access {name} gave has ended. Connect it again.")
    try:
        return grant.access(target_token=source.target_token())
    except sealing.CannotOpen as error:
        raise ConnectorError(
            Code.EXPIRED, f"We cannot open the key {name} gave. Connect it again.", raw=str(error)
        ) from error


def list_targets(*, grant: Grant, now: datetime) -> None:
    """Ask the network what this grant could speak for and write it down as sources.

    A source that vanished becomes unavailable and is never deleted. Raises LinkingError when the
    network gives no list or an empty one; then nothing has changed.
    """
    network, issuer = network_of(grant.account)
    name = name_of(network)
    try:
        access = grant.access()
        targets = connectors.get(network).targets(access, now=now)
    except sealing.CannotOpen as error:
        raise LinkingError(f"We cannot open the key {name} gave. Connect it again.") from error
    except ConnectorError as error:
        raise LinkingError(f"{name} did not give us the list: {error}") from error
    if not targets:
        raise LinkingError(
            f"{name} listed nothing that could count. Connect it again and tick what should count."
        )
    with transaction.atomic():
        locked = Grant.objects.select_for_update(no_key=True).filter(pk=grant.pk).first()
        if locked is None:
            raise LinkingError(f"{name} was unlinked in the meantime. Link it again.")
        user = locked.account.user
        known = {
            source.external_id: source
            for source in Source.objects.filter(user=user, network=network, issuer=issuer).locked()
        }
        for target in targets:
            source = known.setdefault(
                target.external_id,
                Source(user=user, network=network, issuer=issuer, external_id=target.external_id),
            )
            if source.grant_id in {None, grant.pk} or not source.selected:
                _write_target(source, grant, target)
        offered = [target.external_id for target in targets]
        grant.sources.exclude(external_id__in=offered).update(available=False)


def _write_target(source: Source, grant: Grant, target: Target) -> None:
    """Copy what the network said about a target; an unknown number never replaces a known one."""
    source.grant = grant
    source.kind = target.kind[:20]
    source.title = _line(target.title, 200) or target.external_id
    source.url = target.url if target.url.startswith(("https://", "http://")) else ""
    source.url = source.url if len(source.url) <= 500 else ""
    source.role = _line(target.role, 60)
    source.reason = _line(target.reason, 300)
    source.selectable = target.selectable
    source.available = True
    for field in ("followers", "posts_90d", "last_post_at"):
        value = getattr(target, field)
        if value is not None:
            setattr(source, field, value)
    source.seal_target_token(target.token)
    source.save()


def _line(text: str, limit: int) -> str:
    """Return `text` as one printable line of at most `limit` characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:limit]


def choose(*, user: User, grant: Grant, source_ids: Collection[int], now: datetime) -> list[Source]:
    """Let exactly these sources of the grant count, after asking the network once more.

    Returns those that did not count before. Raises LinkingError when nothing is ticked, when
    something ticked is not offered to this person, or when it speaks for somebody else.
    """
    if not source_ids:
        raise LinkingError(
            "Nothing is ticked. Tick what should count. To count nothing of this account, leave it "
            "for later or unlink it."
        )
    list_targets(grant=grant, now=now)
    return save_choice(user=user, grant=grant, source_ids=source_ids, now=now)


def save_choice(
    *, user: User, grant: Grant, source_ids: Collection[int], now: datetime
) -> list[Source]:
    """Write a choice that the network just confirmed; see `choose`."""
    try:
        with transaction.atomic():
            sources = list(Source.objects.filter(grant=grant, user=user).locked())
            chosen = [source for source in sources if source.pk in source_ids]
            if len(chosen) != len(set(source_ids)):
                raise LinkingError("Something you ticked is not on your list. Choose again.")
            for source in chosen:
                _check_can_count(source)
            return _select_exactly(sources, chosen, now)
    except IntegrityError as error:
        raise LinkingError(
            f"{_taken_name(user, source_ids)} already speaks for somebody else here. If that "
            "is you under another profile, sign in there, unlink it, and choose it here."
        ) from error


def _check_can_count(source: Source) -> None:
    """Raise LinkingError when the network does not let this source be read for the person."""
    if not source.available:
        raise LinkingError(
            f"{name_of(source.network)} no longer lists “{source.title}” for you. Choose another, "
            "or ask its owner to give your role back."
        )
    if not source.selectable:
        why = source.reason or "Your role there does not let us read it."
        raise LinkingError(f"“{source.title}” cannot count: {why}")


def _select_exactly(sources: Iterable[Source], chosen: list[Source], now: datetime) -> list[Source]:
    """Write the choice and tell about each change. Returns the newly chosen."""
    added = []
    for source in sources:
        if source in chosen and not source.selected:
            source.selected, source.selected_at, source.paused_at = True, now, None
            source.code, source.code_since, source.words = Code.OK, now, ""
            source.failures, source.tried_at, source.retry_at = 0, None, None
            source.doubted_since = None
            source.save()
            _tell(source, Change.SELECTED)
            added.append(source)
        elif source not in chosen and source.selected:
            source.selected = False
            source.save(update_fields=["selected"])
            _tell(source, Change.DESELECTED)
    return added


def _taken_name(user: User, source_ids: Collection[int]) -> str:
    """Return the titles of those of the choice that speak for somebody else."""
    mine = Source.objects.filter(user=user, pk__in=source_ids)
    taken = [
        f"“{source.title}”"
        for source in mine
        if Source.objects.counted()
        .filter(network=source.network, issuer=source.issuer, external_id=source.external_id)
        .exclude(user=user)
        .exists()
    ]
    return " and ".join(taken) or "This"


def pause(*, source: Source, now: datetime) -> None:
    """Stop reading the source until the person resumes. Pausing twice changes nothing."""
    with transaction.atomic():
        if Source.objects.filter(pk=source.pk, paused_at=None).update(paused_at=now):
            source.paused_at = now
            _tell(source, Change.PAUSED)


def resume(*, source: Source) -> None:
    """Read the source again. Resuming one that is not paused changes nothing."""
    with transaction.atomic():
        if Source.objects.filter(pk=source.pk, paused_at__isnull=False).update(paused_at=None):
            source.paused_at = None
            _tell(source, Change.RESUMED)


def read_now(*, source: Source, now: datetime) -> None:
    """Ask for a read before its time. Raises LinkingError when it cannot or must not be now."""
    if source.grant_id is None:
        raise LinkingError("An archive is read once. Upload a newer one to bring it up to date.")
    if source.paused_at is not None:
        raise LinkingError("You paused this. Resume it and it is read at once.")
    if not source.selected:
        raise LinkingError("This does not count now. Choose it first.")
    slow = source.code in {Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED}
    if slow and source.retry_at is not None and source.retry_at > now:
        raise LinkingError(
            f"{name_of(source.network)} asked us to wait. We read again as soon as it allows."
        )
    if source.tried_at is not None and now - source.tried_at < READ_AGAIN_AFTER:
        raise LinkingError("We asked less than a minute ago. Press again in a minute.")
    with transaction.atomic():
        _tell(source, Change.READ_ASKED)


def add_archive(*, user: User, content: ArchiveContent, now: datetime) -> Source:
    """Let the content of an archive count for the person; a newer one replaces what it says.

    Raises LinkingError when the account speaks for somebody else or is read directly already, or
    when an archive is older than the one that counts.
    """
    same = Source.objects.filter(
        network=content.network, issuer="", external_id=content.external_id(user.pk)
    )
    for first in (True, False):
        try:
            with transaction.atomic():
                return _write_archive(user, content, now)
        except IntegrityError as error:
            if same.counted().exclude(user=user).exists():
                raise LinkingError(
                    f"{content.title} already speaks for somebody else here. If that is you under "
                    "another profile, sign in there and unlink it first."
                ) from error
            if not first:
                raise
            # A press before this one made the row since we looked: go on with that.
    raise AssertionError("every look returns or raises")


def _write_archive(user: User, content: ArchiveContent, now: datetime) -> Source:
    """Write the source of an archive and tell of it; see `add_archive`."""
    known = {
        "user": user,
        "network": content.network,
        "issuer": "",
        "external_id": content.external_id(user.pk),
    }
    source: Source = Source.objects.filter(**known).locked().first() or Source(
        **known, selected_at=now
    )
    if source.grant_id is not None:
        raise LinkingError(
            f"“{source.title}” is linked and read directly. Its archive would count the "
            "same posts twice, so it was not added."
        )
    _check_not_older(source, content)
    source.kind, source.title = "archive", _line(content.title, 200)
    source.url = content.url if content.url.startswith(("https://", "http://")) else ""
    source.selected, source.available, source.paused_at = True, True, None
    source.save()
    reading_succeeded(source_id=source.pk, reading=content.reading, started_at=now, now=now)
    source.refresh_from_db()
    source_changed.send(
        Source, source=source, user_id=user.pk, change=Change.ARCHIVE, reading=content.reading
    )
    return source


def _check_not_older(source: Source, content: ArchiveContent) -> None:
    """Raise LinkingError for an earlier archive: it would take away what came since.

    A table that a person wrote may shrink: they replace it on purpose.
    """
    newest = max(post.created_at for post in content.reading.posts)
    if content.network == "csv" or source.last_post_at is None or newest >= source.last_post_at:
        return
    raise LinkingError(
        f"This archive of {source.title} ends on {newest:%Y-%m-%d}, and the one we read before on "
        f"{source.last_post_at:%Y-%m-%d}. Nothing was changed. To go back to it, unlink "
        f"{source.title} first, then upload it again."
    )


def _tell(source: Source, change: Change) -> None:
    source_changed.send(Source, source=source, user_id=source.user_id, change=change)
