"""What people are told here, and how they want to be told of it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

KEY = 64  # characters


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Chainable reads of notices."""

    def listed(self) -> Any:
        """Notices of kinds that their person did not switch off."""
        off = NoticeChoice.objects.filter(
            user=OuterRef("user"), kind=OuterRef("kind"), listed=False
        )
        return self.filter(~Exists(off))

    def unread(self) -> Any:
        """Listed notices that their person has not read."""
        return self.filter(read_at=None).listed()


class Notice(models.Model):
    """Something that happened to a person, told once a key. The words are made when it is read.

    `by` is whoever did it, and NULL for the site or somebody who left. `values` holds what the
    sentence of its kind names (accounts.notice_kinds); names of others never stand in it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", db_index=False)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=KEY)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "id"], name="notice_of_person"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"notice {self.kind} {self.key}"


class NoticeChoice(models.Model):
    """What a person chose for a kind of notice. Without a row it is listed and not mailed."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notice_choices", db_index=False
    )
    kind = models.CharField(max_length=32)
    listed = models.BooleanField(default=True)
    mailed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind")]

    def __str__(self) -> str:
        return f"choice of user {self.user_id} for {self.kind}"


class Mailing(models.Model):
    """How a person wants mails: none but what cannot wait, without a row.

    `quiet_from` and `quiet_to` are hours of their own day (0 to 23); both NULL without quiet hours.
    `next_at` is when their next morning mail is looked into, NULL when they asked for none.
    """

    class Digest(models.TextChoices):
        OFF = "", _("Never")
        WEEKLY = "weekly", _("On Mondays")
        MONTHLY = "monthly", _("On the first of the month")

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="mailing"
    )
    perks = models.BooleanField(default=True)  # what they claimed, wait for or were drawn for
    digest = models.CharField(max_length=7, choices=Digest, blank=True, default=Digest.OFF.value)
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_to = models.PositiveSmallIntegerField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "choice of mails"
        verbose_name_plural = "choices of mails"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__lte=23, quiet_to__lte=23, quiet_from__isnull=False),
                name="quiet_hours_of_a_day",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="mailing_due")
        ]

    def __str__(self) -> str:
        return f"mails of user {self.user_id}"


class RefusedAddress(models.Model):
    """An address whose server takes no mail for it: none is sent there. `words` are the server's.

    It goes when its person says that the address works.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="refused_addresses", db_index=False
    )
    address = models.EmailField()
    at = models.DateTimeField()
    words = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "refused address"
        verbose_name_plural = "refused addresses"
        constraints = [
            models.UniqueConstraint(fields=["user", "address"], name="one_refusal_an_address")
        ]

    def __str__(self) -> str:
        return f"refused address of user {self.user_id}"
