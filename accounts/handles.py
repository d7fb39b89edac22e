"""Handles: what one may be, who has it, and whose page an address means."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from accounts.models import HANDLE, Block, Handle, Profile, User
from accounts.prepared import NUMBER, TEXT, Prepared
from accounts.visibility import Viewer, Visible, shown

CHANGES = timedelta(days=30)  # between one change and the next
REDIRECTS = timedelta(days=90)  # an old handle leads to the new one this long
_SHORTEST = 3
_RULE = re.compile(rf"[a-z][a-z0-9_]{{{_SHORTEST - 1},{HANDLE - 1}}}")
# What is read as something else at a glance.
_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("_", ""))
# Names that speak for the site, for a network, or for nobody.
_RESERVED = frozenset((
    "abuse", "account", "accounts", "admin", "administrator", "all", "anonymous", "api",
    "billing", "bot", "contact", "everyone", "help", "helpdesk", "here", "hostmaster", "info",
    "kloutsite", "klout", "mail", "mod", "moderator", "moderators", "news", "nobody", "none",
    "null", "official", "operator", "ops", "owner", "postmaster", "press", "privacy", "root",
    "sample", "sandbox", "security", "settings", "somebody", "staff", "status", "stranger",
    "support", "system", "team", "terms", "test", "undefined", "unknown", "user", "verified",
    "webmaster", "you", "bluesky", "facebook", "github", "instagram", "linkedin", "mastodon",
    "reddit", "threads", "tiktok", "twitter", "youtube",
))  # fmt: skip
_PEOPLES = frozenset(("ali", "mali"))  # names of many that only read as one of those


class HandleError(ValueError):
    """This cannot be somebody's handle. `str(error)` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose page an address means to a viewer, and what they may see of it.

    `profile` is None where there is nothing to see: unknown, private and blocked are one.
    `name` is the handle that the person has now.
    """

    profile: Profile | None
    visible: Visible
    name: str = ""


def checked(text: str) -> str:
    """Return a handle in its one spelling. Raises HandleError when it cannot be one."""
    name = text.strip().removeprefix("@")
    if not name.isascii():
        raise HandleError(
            _("Only the letters a to z: others look like them and would let people pass as you.")
        )
    name = name.lower()
    if not _SHORTEST <= len(name) <= HANDLE:
        raise HandleError(
            _("A handle has %(low)s to %(high)s letters.") % {"low": _SHORTEST, "high": HANDLE}
        )
    if not _RULE.fullmatch(name):
        raise HandleError(_("Letters a to z, digits and _, with a letter first."))
    if name not in _PEOPLES and _looks(name) in _LOOKS_RESERVED:
        raise HandleError(_("This name would speak for the site or a network. Take another."))
    return name


def spelled(text: str) -> str:
    """Return a handle that somebody asks for in its one spelling, "" for what cannot be one."""
    name = text.lower() if text.isascii() else ""
    return name if _RULE.fullmatch(name) else ""


def _looks(name: str) -> str:
    """Return a name as a hasty eye reads it; never empty, since a letter comes first."""
    for shape, read_as in _ALIKE:
        name = name.replace(shape, read_as)
    return name


_LOOKS_RESERVED = frozenset(map(_looks, _RESERVED))


def current(user: User) -> str:
    """Return the handle that a person has, or ""."""
    row = user.handles.filter(left_at=None).first()
    return row.name if row else ""


def take(user: User, text: str, *, now: datetime) -> Handle:
    """Give a person a handle; the one they had goes on leading to them for a while.

    Raises HandleError when it cannot be one, is somebody else's, or they changed theirs lately.
    """
    name = checked(text)
    try:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=user.pk)
            return _take(user, name, now)
    except IntegrityError as error:  # somebody was faster
        raise HandleError(_taken()) from error


def _take(user: User, name: str, now: datetime) -> Handle:
    mine = {row.name: row for row in Handle.objects.filter(user=user)}
    had = next((row for row in mine.values() if row.left_at is None), None)
    if had is not None and had.name == name:
        return had
    if had is not None and now - had.taken_at < CHANGES:
        raise HandleError(
            _("You chose @%(name)s less than %(days)s days ago. Change it after that.")
            % {"name": had.name, "days": CHANGES.days}
        )
    # Once theirs, it looks as it did: two from before letters were read as alike both stay.
    looks = mine[name].looks if name in mine else _looks(name)
    alike = Handle.objects.filter(looks=looks).first()
    if alike is not None and alike.name not in mine:
        raise HandleError(_taken())
    if had is not None:
        had.left_at = now
        had.save(update_fields=["left_at"])
    if alike is not None:  # of their own: the same once more, or a spelling that reads the same
        Handle.objects.filter(pk=alike.pk).delete()
    return Handle.objects.create(name=name, looks=looks, user=user, taken_at=now)


def _taken() -> str:
    return _("Somebody has or had this name, or one that looks like it. Take another.")


def find(text: str, *, viewer: User | None, now: datetime) -> Found:
    """Return whose page `/@text` means to a viewer; None of `viewer` is somebody not signed in.

    One query, the same for every text, so that nobody learns from the time it takes what is there.
    """
    name = spelled(text)
    rows = _BY_NAME(name) if viewer is None else _BY_NAME_FOR(name, viewer.pk)
    row = rows[0] if rows else None
    if row is None or row.user is None:
        return _NOBODY
    if row.left_at is not None and now - row.left_at > REDIRECTS:
        return _NOBODY
    return _found(row, viewer)


def find_person(user_id: int, *, viewer: User | None) -> Found:
    """Return what `find` does for somebody by their id. One query."""
    row = _rows(viewer).filter(user=user_id, left_at=None).first()
    return _NOBODY if row is None else _found(row, viewer)


def _found(row: Any, viewer: User | None) -> Found:
    profile = getattr(row.user, "profile", None)
    visible = shown(profile, viewer_of(viewer, row.user, blocked=row.blocks))
    return Found(profile, visible, row.now) if visible.page else _NOBODY


def _rows(viewer: Any) -> QuerySet[Any]:
    """Return handles with what tells whom they show. viewer: a person, or a place for their id."""
    blocks = Block.objects.filter(blocker=OuterRef("user"), blocked=viewer)
    return Handle.objects.select_related("user__profile").annotate(
        now=current_of("user"), blocks=Exists(blocks) if viewer else Value(False)
    )


def current_of(person: str) -> Subquery:
    """Return the handle of each row's person as a query reads it. person: the way to them."""
    rows = Handle.objects.filter(user=OuterRef(person), left_at=None)
    return Subquery(rows.values("name")[:1])


def viewer_of(viewer: User | None, whom: User, *, blocked: bool) -> Viewer:
    """Return who somebody is to a person; None is somebody who is not signed in."""
    if viewer is None:
        return Viewer()
    return Viewer(signed_in=True, own=viewer.pk == whom.pk, blocked=blocked)


_NOBODY = Found(None, Visible())
_BY_NAME = Prepared(lambda name: _rows(None).filter(name=name), TEXT)
_BY_NAME_FOR = Prepared(lambda name, viewer: _rows(viewer).filter(name=name), TEXT, NUMBER)
