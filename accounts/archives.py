"""Files that people upload: let one count, and say whose it is.

A file proves nothing about who uploads it. So what it says is filed under its person and blocks
nobody, and counts for less (models.UNPROVEN) until that person links the very account that the file
names. Whoever links the account is its owner: then the same file of anybody else no longer counts.

Two things may happen at once, the upload and the link, and each could miss the other. So both look
after they are committed (`settle`): whichever commits last sees both. Source: docs/decisions/0007.
"""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from accounts.connectors.archives import ArchiveContent, Claim
from accounts.connectors.shapes import one_line
from accounts.figures import day_year
from accounts.health import reading_succeeded
from accounts.linking import LinkingError, name_of
from accounts.models import Source, User
from accounts.signals import Change, source_changed, tell
from accounts.speech import say

# Why a file no longer counts. Kept in English, since it may be somebody else's doing: it is said in
# the language of whoever looks (accounts.views.facts).
OWNED_BY_ANOTHER = gettext_noop(
    "Somebody linked this account here, and with it proved that it is theirs, so this "
    "file no longer counts. If it is yours, link the account yourself."
)
READ_DIRECTLY = gettext_noop(
    "The account itself is linked and read directly, so this file no longer counts: the "
    "same posts would count twice."
)


def add_archive(*, user: User, content: ArchiveContent, now: datetime) -> Source:
    """Let the content of a file count for the person; a newer one replaces what it says.

    Raises LinkingError when the account it names is linked by somebody else or is read directly
    already, or when the file is older than the one that counts.
    """
    for first in (True, False):
        try:
            with transaction.atomic():
                source = _write(user, content, now)
                transaction.on_commit(lambda: settle(owners=owners_of(content.claim), now=now))
                return source
        except IntegrityError:
            if not first:
                raise
            # A press before this one made the row since we looked: go on with that.
    raise AssertionError("every look returns or raises")


def settle(*, owners: Iterable[SocialAccount], now: datetime) -> None:
    """Let the files that name these linked accounts count for their owners and nobody else.

    The owner's file is proven, and stops counting while the account itself is read; those of
    others stop counting, with the reason. Repeating it changes nothing. Call it after what made an
    owner, or added a file, is committed.
    """
    for account in owners:
        with transaction.atomic():
            named = Source.objects.filter(claim__in=_claims(account), grant=None)
            changed = _settled(list(named.locked()), account, now)
            # By person, since their jobs are locked one after the other.
            for source, change in sorted(changed, key=lambda one: one[0].user_id):
                tell(source, change)


def _settled(
    sources: Iterable[Source], account: SocialAccount, now: datetime
) -> list[tuple[Source, Change]]:
    """Write what each of the locked `sources` is from now on; return those that changed."""
    direct = _read_directly(account)
    changed = []
    for source in sources:
        mine = source.user_id == account.user_id
        before = (source.selected, source.proven_at)
        source.proven_at = (source.proven_at or now) if mine else None
        if source.selected and (direct or not mine):
            source.selected = False
            source.reason = READ_DIRECTLY if mine else OWNED_BY_ANOTHER
        if (source.selected, source.proven_at) != before:
            source.save(update_fields=["selected", "proven_at", "reason"])
            if before[0]:
                change = Change.PROVEN if source.selected else Change.DESELECTED
                changed.append((source, change))
    return changed


def _claims(account: SocialAccount) -> list[str]:
    """Return the claims that this account is: by its id there, and by its address."""
    names = [account.uid, (account.extra_data or {}).get("url")]
    return [str(Claim(account.provider, name)) for name in names if name and isinstance(name, str)]


def owners_of(claim: Claim | None) -> list[SocialAccount]:
    """Return the linked account that a claim is about, if somebody linked it here.

    By its provider, which is indexed with the id. Only among those of one server is an address
    compared, account by account: 10,000 of them take some 15 ms.
    """
    if claim is None:
        return []
    linked = SocialAccount.objects.filter(provider=claim.provider)
    by_id = linked.filter(uid=claim.name)
    return list(by_id or linked.filter(extra_data__url=claim.name))


def _read_directly(account: SocialAccount) -> bool:
    """Tell whether the account itself counts, and not only pages that it leads to."""
    direct = Source.objects.counted().filter(grant__account=account, external_id=account.uid)
    return direct.exists()


def _write(user: User, content: ArchiveContent, now: datetime) -> Source:
    """Write the source of a file and tell of it; see `add_archive`."""
    owners = owners_of(content.claim)
    _check_owners(owners, user, content)
    known = {
        "user": user,
        "network": content.network,
        "issuer": "",
        "external_id": content.external_id(user.pk),
    }
    source: Source = Source.objects.filter(**known).locked().first() or Source(
        **known, selected_at=now
    )
    _check_not_older(source, content)
    source.kind, source.title = "archive", one_line(content.title, 200)
    source.url = content.url if content.url.startswith(("https://", "http://")) else ""
    source.claim = str(content.claim or "")
    source.proven_at = (source.proven_at or now) if owners else None
    source.selected, source.available, source.paused_at, source.reason = True, True, None, ""
    source.save()
    reading_succeeded(source_id=source.pk, reading=content.reading, started_at=now, now=now)
    source.refresh_from_db()
    source_changed.send(
        Source, source=source, user_id=user.pk, change=Change.ARCHIVE, reading=content.reading
    )
    return source


def _check_owners(owners: Iterable[SocialAccount], user: User, content: ArchiveContent) -> None:
    """Raise LinkingError when somebody else owns the account, or it is read directly."""
    for account in owners:
        if account.user_id != user.pk:
            raise LinkingError(
                say(
                    "{title} is linked by somebody else here, who proved by it that it "
                    "is theirs. Nothing was changed. If that is you under another "
                    "profile, sign in there and unlink it first.",
                    title=content.title,
                )
            )
        if _read_directly(account):
            raise LinkingError(
                say(
                    "{title} is linked and read directly. This {name_of} would count the "
                    "same posts twice, so it was not added.",
                    title=content.title,
                    name_of=name_of(content.network),
                )
            )


def _check_not_older(source: Source, content: ArchiveContent) -> None:
    """Raise LinkingError for an earlier file: it would take away what came since.

    A table that a person wrote may shrink: they replace it on purpose.
    """
    newest = max(map(attrgetter("created_at"), content.reading.posts))
    if content.network == "csv" or source.last_post_at is None or newest >= source.last_post_at:
        return
    raise LinkingError(
        say(
            "This file of {title} ends on {newest}, and the one we read before on "
            "{last}. Nothing was changed. To go back to it, unlink {title} first, then "
            "upload it again.",
            title=source.title,
            newest=day_year(newest),
            last=day_year(source.last_post_at),
        )
    )
