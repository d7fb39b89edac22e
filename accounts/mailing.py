"""When a person may be written to, and what they asked for: quiet hours, digest, kinds.

There is one morning mail a day at most, at MORNING where the person is, or when their quiet hours
end. Days and hours are those of their zone, however long a change of clocks makes them.
"""

import zlib
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Mailing, NoticeChoice, RefusedAddress, User
from accounts.notice_kinds import KINDS, Mail
from accounts.signals import letter_due
from accounts.zones import zone_of

MORNING = time(8)
SPREAD = timedelta(minutes=20)  # over which the morning mails of one hour go out
PLAN_BATCH = 200  # people a transaction: SQLite has one writer at a time
_DAY = timedelta(days=1)
_LONGEST = 32  # days between two mornings that bring a digest


def address_of(user: User) -> str:
    """Return a confirmed address of a person that takes mail, their first choice first, or ""."""
    refused = RefusedAddress.objects.filter(user=user).values("address")
    mine = EmailAddress.objects.filter(user=user, verified=True).exclude(email__in=refused)
    return mine.order_by("-primary", "pk").values_list("email", flat=True).first() or ""


def refuse(*, user: User, address: str, words: str, now: datetime) -> bool:
    """Note that the server of an address takes no mail for it: none is sent there any more.

    Returns whether another address of the person may take what was refused.
    """
    RefusedAddress.objects.update_or_create(
        user=user, address=address, defaults={"at": now, "words": words[:200]}
    )
    return address_of(user) != ""


def refused(user: User) -> list[RefusedAddress]:
    """Return the addresses of a person that take no mail, what was refused last first."""
    theirs = EmailAddress.objects.filter(user=user).values("email")
    rows = RefusedAddress.objects.filter(user=user, address__in=theirs)
    return list(rows.order_by("-at", "-pk"))


def try_again(*, user: User) -> None:
    """Send mails to refused addresses again, since their person says that they work."""
    RefusedAddress.objects.filter(user=user).delete()


def wants_perks(user: User) -> bool:
    """Tell whether somebody wants mails about perks that they claimed, wait or asked for."""
    return not Mailing.objects.filter(user=user, perks=False).exists()


def reach_about_perks(user: User) -> bool:
    """Tell whether mails about perks reach somebody: they want them, and an address takes them."""
    return wants_perks(user) and address_of(user) != ""


def allowed_at(mailing: Mailing | None, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the first time from `at` on that is in no quiet hour."""
    if mailing is None or mailing.quiet_from is None or mailing.quiet_to is None:
        return at
    here = at.astimezone(zone)
    if not _is_quiet(mailing.quiet_from, mailing.quiet_to, here.hour):
        return at
    end = datetime.combine(here.date(), time(mailing.quiet_to), zone)
    if end.timestamp() <= at.timestamp():
        end = datetime.combine(here.date() + _DAY, time(mailing.quiet_to), zone)
    return end.astimezone(at.tzinfo)


def _is_quiet(begins: int, ends: int, hour: int) -> bool:
    """Tell whether an hour is in [begins, ends), which may go over midnight. Equal: never."""
    if begins <= ends:
        return begins <= hour < ends
    return hour >= begins or hour < ends


def brings_digest(mailing: Mailing, day: date) -> bool:
    """Tell whether the morning of a day brings the digest."""
    if mailing.digest == Mailing.Digest.WEEKLY:
        return day.weekday() == 0
    return mailing.digest == Mailing.Digest.MONTHLY and day.day == 1


def next_morning(
    mailing: Mailing, zone: ZoneInfo, *, daily: bool, after: datetime
) -> datetime | None:
    """Return when the next morning mail after a time is due, or None when none was asked for.

    daily: some kind is mailed whenever there is something, and not only with a digest.
    """
    first = after.astimezone(zone).date()
    for number in range(_LONGEST + 1):
        day = first + number * _DAY
        if daily or brings_digest(mailing, day):
            morning = datetime.combine(day, MORNING, zone).astimezone(after.tzinfo)
            at = allowed_at(mailing, zone, morning)
            if at > after:
                return at
    return None


def choose(
    *,
    user: User,
    digest: str,
    quiet: tuple[int, int] | None,
    kinds: Collection[str],
    now: datetime,
    perks: bool = True,
) -> None:
    """Write what a person wants mailed. kinds: those whose notices they want in a morning mail."""
    begins, ends = quiet or (None, None)
    wanted = [name for name, kind in KINDS.items() if kind.mail == Mail.MORNING]
    with transaction.atomic():
        Mailing.objects.update_or_create(
            user=user,
            defaults={
                "digest": digest,
                "quiet_from": begins,
                "quiet_to": ends,
                "perks": perks,
            },
        )
        NoticeChoice.objects.bulk_create(
            [NoticeChoice(user=user, kind=name, mailed=name in kinds) for name in wanted],
            update_conflicts=True,
            unique_fields=["user", "kind"],
            update_fields=["mailed"],
        )
        replan(user=user, now=now)


def replan(*, user: User, now: datetime) -> None:
    """Work out anew when the next morning mail is due: call it when choice or zone changed."""
    mailing = Mailing.objects.filter(user=user).first()
    daily = NoticeChoice.objects.filter(user=user, mailed=True).exists()
    if mailing is None and daily:
        mailing = Mailing(user=user)
    if mailing is not None:
        mailing.next_at = next_morning(mailing, zone_of(user.time_zone), daily=daily, after=now)
        mailing.save()


@transaction.atomic
def plan(*, now: datetime) -> int:
    """Have the morning mails written that are due, of PLAN_BATCH people; return of how many.

    Any number may plan at once: each takes people whom no other holds. A mail is one a person and
    day, so whoever is planned twice is written to once.
    """
    due = Mailing.objects.select_for_update(skip_locked=True, of=("self",))
    due = due.filter(next_at__lte=now).select_related("user").order_by("next_at", "user")
    batch = list(due[:PLAN_BATCH])
    chosen = NoticeChoice.objects.filter(user__in=[one.user_id for one in batch], mailed=True)
    daily = set(chosen.values_list("user_id", flat=True))
    days = {}
    for one in batch:
        zone = zone_of(one.user.time_zone)
        days[one.user_id] = _day_told_of(one, zone, now)
        one.next_at = next_morning(one, zone, daily=one.user_id in daily, after=now)
    Mailing.objects.bulk_update(batch, ["next_at"], batch_size=200)
    for one in batch:
        today = now.astimezone(zone_of(one.user.time_zone)).date()
        day = days[one.user_id].isoformat()
        letter_due.send(
            Mailing,
            key=f"morning:{one.user_id}:{today}",
            user_id=one.user_id,
            payload={"kind": "morning", "person": one.user_id, "day": day},
            at=now + SPREAD * (zlib.crc32(str(one.user_id).encode()) / 2**32),
        )
    return len(batch)


def _day_told_of(mailing: Mailing, zone: ZoneInfo, now: datetime) -> date:
    """Return the day whose morning mail is written now: today, or one whose digest is still owed.

    Nothing may have been planned since (no worker ran), and quiet hours that begin before the
    morning may have ended on the next day: the digest is late then, and not lost.
    """
    today = now.astimezone(zone).date()
    if mailing.next_at is None:
        return today
    first = mailing.next_at.astimezone(zone).date()
    if allowed_at(mailing, zone, datetime.combine(first - _DAY, MORNING, zone)) == mailing.next_at:
        first -= _DAY
    since = (today - number * _DAY for number in range((today - first).days + 1))
    return next((day for day in since if brings_digest(mailing, day)), today)


def stop(*, user: User, what: str) -> None:
    """Stop mails of one sort: "links" (with cases), "perks" or "morning" (digest, chosen kinds)."""
    if what == "links":
        User.objects.filter(pk=user.pk).update(link_mails=False)
        return
    if what == "perks":
        Mailing.objects.update_or_create(user=user, defaults={"perks": False})
        return
    Mailing.objects.filter(user=user).update(digest=Mailing.Digest.OFF, next_at=None)
    NoticeChoice.objects.filter(user=user).update(mailed=False)
