"""What a person shows of themselves, under which name, and to whom they do not."""

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

HANDLE = 30  # letters of a handle
BIO = 240


class Audience(models.TextChoices):
    """Who may see something. Without a word of the person it is nobody."""

    NOBODY = "", _("Only me")
    MEMBERS = "members", _("People who are signed in here")
    EVERYONE = "everyone", _("Everyone")


def _audience() -> "models.CharField[str, str]":
    return models.CharField(
        max_length=8, choices=Audience, blank=True, default=Audience.NOBODY.value
    )


def _klout_id() -> str:
    """Return 18 digits: what programs written for Klout take for one of its ids."""
    return str(secrets.randbelow(9 * 10**17) + 10**17)


class Profile(models.Model):
    """The public face of a person, item by item. Without a row nobody sees anything.

    An item is seen by whom both `page` and the item name: accounts.visibility alone tells.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    bio = models.CharField(max_length=BIO, blank=True)
    page = _audience()
    score = _audience()
    history = _audience()
    topics = _audience()
    badges = _audience()
    style = _audience()
    moments = _audience()  # public posts alone
    networks = _audience()
    plusk = _audience()  # how much, and the words that givers let be shown; beside the topics
    findable = models.BooleanField(default=False)  # by members, who search for people
    indexed = models.BooleanField(default=False)  # search engines may list the page
    # Opens the score to whoever has the address with it, whatever the rest says; "" is no address.
    secret = models.CharField(max_length=32, blank=True, default="", editable=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)  # names feeds and their entries
    # Names the person to programs written for Klout: the same for good, and tells nothing.
    klout_id = models.CharField(max_length=20, unique=True, default=_klout_id, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=Q(findable=True), name="profile_findable")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["secret"], condition=~Q(secret=""), name="one_profile_a_secret"
            )
        ]

    def __str__(self) -> str:
        return f"profile of user {self.user_id}"


class Handle(models.Model):
    """A name that a person has or had: it is never given to anybody else, whoever leaves.

    `user` is NULL when they left the site. `left_at` is NULL for the one they have.
    """

    name = models.CharField(max_length=HANDLE, primary_key=True)
    # The name as a hasty eye reads it: two that look alike share it (accounts.handles).
    looks = models.CharField(max_length=HANDLE, unique=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="handles")
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(left_at=None), name="one_handle_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"@{self.name}"


class Block(models.Model):
    """Somebody wants to have nothing to do with somebody, who then finds nothing of theirs."""

    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocked_by")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_a_pair"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_of_another"),
        ]

    def __str__(self) -> str:
        return f"user {self.blocker_id} blocks user {self.blocked_id}"
