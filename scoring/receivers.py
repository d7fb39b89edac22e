"""Turns news from accounts into jobs: the one place where links and scores meet."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import letter_texts, linking, naming
from accounts.connectors.base import Reading
from accounts.models import Source
from accounts.signals import Change, grant_dropped, letter_due, source_changed, upload_waits
from scoring import ingest, jobs, pipeline, words
from scoring.badges import names
from scoring.digests import digest_of
from scoring.models import Job
from scoring.plusk.refusals import called

# These need the network; everything else only needs a new score.
_READ = {Change.SELECTED, Change.RESUMED, Change.RECONNECTED, Change.READ_ASKED}


@receiver(source_changed)
def follow_source(
    *,
    source: Source,
    user_id: int,
    change: Change,
    reading: Reading | None = None,
    **_kwargs: Any,
) -> None:
    """Read the source, or have its person scored again, after the change is committed."""
    now = timezone.now()
    if change == Change.ARCHIVE and reading is not None:
        ingest.ingest(source=source, reading=reading, now=now)
    if change == Change.UNLINKED:
        pipeline.forget_words(source=source)
    if change == Change.CHECK_ASKED:
        jobs.enqueue(kind=Job.Kind.CHECK, subject=str(source.pk), user_id=user_id, now=now)
    elif change in _READ and source.grant_id is not None:
        jobs.enqueue(kind=Job.Kind.COLLECT, subject=str(source.pk), user_id=user_id, now=now)
    else:
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(user_id), user_id=user_id, now=now)


@receiver(upload_waits)
def read_upload(*, upload_id: str, user_id: int, **_kwargs: Any) -> None:
    """Have a worker read a file that is too large to be read while a page waits."""
    jobs.enqueue(kind=Job.Kind.ARCHIVE, subject=upload_id, user_id=user_id, now=timezone.now())


@receiver(grant_dropped)
def revoke_remotely(
    *,
    network: str,
    server: str,
    account_id: str,
    sealed: str,
    sealed_key: str = "",
    sealed_refresh: str = "",
    **_kwargs: Any,
) -> None:
    """Ask the network to forget the access, even if the person leaves before it answers."""
    jobs.enqueue(
        kind=Job.Kind.REVOKE,
        # One job an access: those of other servers and of later links are not to replace it.
        subject=hashlib.sha256(sealed.encode()).hexdigest(),
        now=timezone.now(),
        payload={
            "network": network,
            "server": server,
            "account_id": account_id,
            "sealed": sealed,
            "sealed_key": sealed_key,
            "sealed_refresh": sealed_refresh,
        },
    )


@receiver(letter_due)
def have_written(
    key: str, user_id: int, payload: dict[str, Any], at: datetime, **_kwargs: Any
) -> None:
    """Have a mail written when its time comes; the key makes it one mail."""
    jobs.enqueue(
        kind=Job.Kind.LETTER,
        subject=key,
        user_id=user_id,
        now=timezone.now(),
        due_at=at,
        period="once",
        payload=payload,
    )


def effects_of_unlinking(user_id: int, source_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Return what the score would do without each source, in a sentence each."""
    effects = pipeline.effects_without_each(user_id=user_id, source_ids=source_ids, now=now)
    if effects is None:
        return dict.fromkeys(source_ids, _("There is no score yet, so nothing changes."))
    before, rests = effects
    return {pk: _effect(before, rest) for pk, rest in rests.items()}


def _effect(before: float, rest: float | None) -> str:
    """Return a sentence about a score that would go from `before` to `rest`."""
    if rest is None:
        return _(
            "Without it too little would be left to count: there would be no score (now %(score)s)."
        ) % {"score": words.decimal(before)}
    before, after = round(before, 1), round(rest, 1)
    change = round(after - before, 1)
    if not change:
        return _("Without it your score stays at %(score)s.") % {"score": words.decimal(before)}
    return _("Without it your score goes from %(before)s to %(after)s (%(change)s).") % {
        "before": words.decimal(before),
        "after": words.decimal(after),
        "change": words.signed(change),
    }


def effect_of_choice(
    user_id: int, leaving: Collection[int], joining: Collection[int], now: datetime
) -> str:
    """Return a sentence about the score if these sources stopped and those began to count."""
    before, after = pipeline.effect_of_choice(
        user_id=user_id, leaving=leaving, joining=joining, now=now
    )
    if after is None and before is None:
        return _("There is no score yet, and what we have read so far would not make one.")
    if before is None:
        return _("There is no score yet; with this choice it would be %(score)s.") % {
            "score": words.decimal(after or 0.0)
        }
    if after is None:
        return _(
            "With this choice too little would be left to count: there would be no score (now "
            "%(score)s)."
        ) % {"score": words.decimal(before)}
    before, after = round(before, 1), round(after, 1)
    if before == after:
        return _("With this choice your score stays at %(score)s.") % {
            "score": words.decimal(before)
        }
    return _("With this choice your score goes from %(before)s to %(after)s (%(change)s).") % {
        "before": words.decimal(before),
        "after": words.decimal(after),
        "change": words.signed(round(after - before, 1)),
    }


naming.name_of_topic = called
naming.name_of_badge = names.titled
letter_texts.digest_of = digest_of
linking.effects_of_unlinking = effects_of_unlinking
linking.effect_of_choice = effect_of_choice
