"""What a person says about their badges: pin, hide, and whether those of old posts count."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import ngettext

from accounts.models import User
from scoring.engine.badges import PINNED_AT_MOST
from scoring.models import BadgeAward, BadgeChoice, BadgeStanding


class BadgeError(Exception):
    """Something about a badge could not be done. `str(error)` says why and what to do."""


class NotHeld(BadgeError):
    """The badge is not the person's."""


def pin(user_id: int, badge: str, *, now: datetime) -> None:
    """Put a badge first, after those that are pinned already; it is shown again if it was hidden.

    Raises NotHeld, and BadgeError when PINNED_AT_MOST are pinned.
    """
    with _mine(user_id, badge, now) as mine:
        pinned = BadgeChoice.objects.filter(user_id=user_id, pinned_at__isnull=False)
        if pinned.exclude(badge=badge).count() >= PINNED_AT_MOST:
            raise BadgeError(
                ngettext(
                    "%(n)s badge is pinned already. Take it off first.",
                    "%(n)s badges are pinned already. Take one of them off first.",
                    PINNED_AT_MOST,
                )
                % {"n": PINNED_AT_MOST}
            )
        if mine.pinned_at is None:
            mine.pinned_at, mine.hidden = now, False


def unpin(user_id: int, badge: str, *, now: datetime) -> None:
    """Let a badge stand among the others again. Raises NotHeld."""
    with _mine(user_id, badge, now) as mine:
        mine.pinned_at = None


def hide(user_id: int, badge: str, *, now: datetime) -> None:
    """Show a badge to nobody else. Raises NotHeld."""
    with _mine(user_id, badge, now) as mine:
        mine.pinned_at, mine.hidden = None, True


def show(user_id: int, badge: str, *, now: datetime) -> None:
    """Take back that a badge is hidden. Raises NotHeld."""
    with _mine(user_id, badge, now) as mine:
        mine.hidden = False


def decline_old(user_id: int, declined: bool) -> None:
    """Do without the badges that old posts earned, or have them again."""
    BadgeStanding.objects.filter(user_id=user_id).update(old_declined=declined)


@contextmanager
def _mine(user_id: int, badge: str, now: datetime) -> Iterator[BadgeChoice]:
    """Hold what a person says about a badge of theirs, and save it; their acts wait in a row."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        if not BadgeAward.objects.filter(user_id=user_id, badge=badge).exists():
            raise NotHeld
        mine, _made = BadgeChoice.objects.get_or_create(
            user_id=user_id, badge=badge, defaults={"changed_at": now}
        )
        yield mine
        mine.changed_at = now
        mine.save()
