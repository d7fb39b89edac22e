"""Notices and mails, with something in them: each function returns (path, person)."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts import mailing, notices
from accounts.models import User
from tests.accounts import builders

Prepared = tuple[str, User]
_SOURCE = {"source": 1, "title": "Map Room Lisbon", "network": "Mastodon"}
# Hours ago, kind, what its sentence names; the first two are not read yet.
_TOLD = (
    (1, "plusk_offered", {"topic": "cycling"}),
    (3, "link_needs_you", _SOURCE),
    (26, "plusk_thanked", {"topic": "django"}),
    (27, "score_moved", {"score": 50.4, "change": 1.3}),
    (30, "topic_new", {"topic": "accessibility"}),
    (75, "first_score", {"score": 49.1}),
)


def notes() -> Prepared:
    ada, now = builders.person(), timezone.now()
    bo = User.objects.create_user("bo", display_name="Bo")
    for hours, kind, values in reversed(_TOLD):
        notices.tell(
            person_id=ada.pk,
            kind=kind,
            key="1",
            values=values,
            by=bo.pk,
            now=now - timedelta(hours=hours),
            read=hours > 24,
        )
    notices.set_listed(person_id=ada.pk, kind="model_changed", listed=False)
    return reverse("notes"), ada


def mails() -> Prepared:
    ada, now = builders.person(), timezone.now()
    kinds = ["plusk_received", "perk_fits"]
    mailing.choose(user=ada, digest="weekly", quiet=(22, 7), kinds=kinds, now=now)
    words = "550 5.1.1 No such user here"
    mailing.refuse(user=ada, address="ada@example.org", words=words, now=now)
    return reverse("mails"), ada
