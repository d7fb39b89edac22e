"""Keys for programs: what they may do, how they are made, known again and ended."""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices, written
from accounts.models import TOKEN_NAME, ApiToken, User

KLOUT = "klout:read"
# What a key may be made for, in the order in which a person is asked.
SCOPES: dict[str, Promise | str] = {
    "profile:read": gettext_lazy(
        "Read your profile, settings, badges and style, and what others see of them"
    ),
    "score:read": gettext_lazy(
        "Read your score, its parts, its history, why it changed and which posts moved it most, "
        "and when your posts are answered"
    ),
    "topics:read": gettext_lazy("Read your topics and the posts that led to them"),
    "links:read": gettext_lazy("Read which accounts you linked and how reading them goes"),
    "plusk:read": gettext_lazy("Read the +K you received and gave"),
    "notices:read": gettext_lazy("Read your notices and what is mailed to you"),
    "cases:read": gettext_lazy("Read the cases in which you asked us for help"),
    "perks:read": gettext_lazy(
        "Read which perks fit you, what you claimed, and what you said of yourself for them; "
        "never a code"
    ),
    "people:read": gettext_lazy("Read what other people show to you, and who moved whom"),
    # It stands in addresses, so nothing else goes with it.
    KLOUT: gettext_lazy(
        "Be used by programs written for Klout, in addresses, to read what people show to everyone"
    ),
    "notices:write": gettext_lazy("Mark your notices as read, and switch kinds of them on or off"),
    "plusk:give": gettext_lazy("Give +K in your name, out of your ten a day"),
}
LIVES = {  # days -> what a person reads
    7: gettext_lazy("A week"),
    30: gettext_lazy("30 days"),
    90: gettext_lazy("90 days"),
    365: gettext_lazy("A year"),
}
MOST = 20  # living keys of one person
KEEP_ENDED = timedelta(days=90)
_BYTES = 32  # of chance in a key
_PREFIX = "ks_"
_SHAPE = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{43}}")
_TOLD = 10  # letters that are kept in the clear, of which seven are of chance


class TokenError(ValueError):
    """A key cannot be made so. `str(error)` says why and what to do."""


class MadeAlready(TokenError):
    """The form that asks for a key was sent before, and made one."""


def make(
    user: User,
    *,
    name: str,
    scopes: Collection[str],
    days: int,
    now: datetime,
    form: UUID | None = None,
) -> tuple[ApiToken, str]:
    """Make a key for `days` days; return its row and the key, which nobody can read again.

    Its person is told, by mail too: somebody else may have made it. form: makes one key, however
    often it is sent.

    Raises TokenError when it names nothing it is for, or the person has too many, and MadeAlready.
    """
    name = _name(name)
    _check(scopes, days)
    secret = _PREFIX + secrets.token_urlsafe(_BYTES)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if form is not None and ApiToken.objects.filter(user=user, form=form).exists():
            raise MadeAlready(_("This page has made its token. Fill it in anew for another."))
        if living(user, now=now).count() >= MOST:
            raise TokenError(
                _("You have %(most)s tokens. Revoke one that you no longer need.") % {"most": MOST}
            )
        row = ApiToken.objects.create(
            user=user,
            name=name,
            begins=secret[:_TOLD],
            digest=_digest(secret),
            form=form,
            scopes=[scope for scope in SCOPES if scope in scopes],
            made_at=now,
            ends_at=now + timedelta(days=days),
        )
        _tell(row, now)
    return row, secret


def _name(typed: str) -> str:
    """Return the name of a key as it is kept. Raises TokenError when it is none."""
    name = written.line(typed, TokenError)
    if not name or len(name) > TOKEN_NAME:
        raise TokenError(_("Give it a name, of up to %(most)s letters.") % {"most": TOKEN_NAME})
    return name


def _check(scopes: Collection[str], days: int) -> None:
    """Raise TokenError when a key cannot be for this, or not for so long."""
    if not scopes or not SCOPES.keys() >= set(scopes):
        raise TokenError(_("Tick what the program may do; without that it could ask nothing."))
    if KLOUT in scopes and len(set(scopes)) > 1:
        raise TokenError(
            _("Programs written for Klout put it in addresses. Make a token for them alone.")
        )
    if days not in LIVES:
        raise TokenError(_("Choose until when it works."))


def _tell(row: ApiToken, now: datetime) -> None:
    values = {"token": row.name, "ends_on": f"{row.ends_at:%Y-%m-%d}"}
    notices.tell(person_id=row.user_id, kind="token_made", key=str(row.pk), values=values, now=now)


def looks_like_one(secret: str) -> bool:
    """Tell whether a text has the shape of a key."""
    return _SHAPE.fullmatch(secret) is not None


def find(secret: str) -> ApiToken | None:
    """Return the row of a key with its person, also when it ended; None for what is none.

    One query, and none for what does not look like a key.
    """
    if not looks_like_one(secret):
        return None
    return ApiToken.objects.select_related("user").filter(digest=_digest(secret)).first()


def used(token: ApiToken, *, now: datetime) -> None:
    """Take note of the day on which a key was last used: at most one query a day."""
    if token.last_used_on is None or token.last_used_on < now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())


def living(user: User, *, now: datetime) -> QuerySet[ApiToken]:
    """Return the keys of a person that work, the newest first."""
    mine = ApiToken.objects.filter(user=user, revoked_at=None, ends_at__gt=now)
    return mine.order_by("-made_at", "-pk")


def words_of(token: ApiToken) -> list[str]:
    """Return what a key may be used for, as its person read it."""
    return [str(words) for scope, words in SCOPES.items() if scope in token.scopes]


def revoke(user: User, token_id: int | None = None, *, now: datetime) -> int:
    """End a key of a person, or all of them; return how many ended."""
    mine = living(user, now=now)
    if token_id is not None:
        mine = mine.filter(pk=token_id)
    return mine.order_by().update(revoked_at=now)


def forget(*, now: datetime) -> int:
    """Forget keys that ended long ago. Returns how many rows went."""
    long_ago = now - KEEP_ENDED
    old = ApiToken.objects.filter(Q(ends_at__lt=long_ago) | Q(revoked_at__lt=long_ago))
    return old.delete()[0]


def _digest(secret: str) -> str:
    """Return what is kept of a key. It is 256 bits of chance, so one quick hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
