"""Who claimed what, who waits, and who takes part in a draw. Only perks.claims, perks.waiting and
perks.drawing write these rows.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import sealing
from perks.models.campaigns import MOST_A_PERSON, Campaign, Question, Unit

OPEN = ("held", "claimed", "redeemed")  # states of a claim that keep its unit


class Claim(models.Model):
    """A unit that somebody holds or has. Who leaves the site leaves the row without a name.

    `ref` names it in addresses. `key` comes with the press that made it: the same press twice is
    one claim. `facts` is what was known when it was judged last, rule by rule. A problem is a mark
    beside the state (`problem_at`, `case`), for a claim with one is still claimed or redeemed.
    """

    class State(models.TextChoices):
        HELD = "held", _("Held for you")
        CLAIMED = "claimed", _("Yours")
        REDEEMED = "redeemed", _("Used")
        RETURNED = "returned", _("Given back")
        EXPIRED = "expired", _("Ran out")

    class Shipment(models.TextChoices):
        NONE = "", _("Nothing to send")
        WAITING = "waiting", _("Waiting to be packed")
        PACKED = "packed", _("Packed")
        SENT = "sent", _("On its way")
        ARRIVED = "arrived", _("Arrived")
        CAME_BACK = "came_back", _("Came back")

    ref = models.UUIDField(default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="claims")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="claims"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="claims")
    key = models.CharField(max_length=64)
    slot = models.PositiveSmallIntegerField(default=1)  # which of the person's it is, from 1
    state = models.CharField(max_length=8, choices=State)
    snapshot = models.ForeignKey(
        "scoring.ScoreSnapshot", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    facts = models.JSONField(default=dict)
    offered = models.BooleanField(default=False)  # off the waiting list or by lot, not by a press

    held_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)  # when its person first saw the code
    redeemed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # when it was given back, or ran out
    problem_at = models.DateTimeField(null=True)
    case = models.ForeignKey(
        "accounts.Case", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    shipment = models.CharField(max_length=9, choices=Shipment, blank=True, default="")
    shipped_at = models.DateTimeField(null=True)  # when the shipment's state last changed
    tracking = models.CharField(max_length=200, blank=True)
    sealed_address = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref"], name="perk_ref_once"),
            models.UniqueConstraint(
                fields=["campaign", "user", "key"],
                condition=Q(state__in=OPEN),
                name="perk_press_once",
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state__in=OPEN), name="perk_unit_goes_to_one"
            ),
            models.UniqueConstraint(
                fields=["campaign", "user", "slot"],
                condition=Q(state__in=OPEN),
                name="perk_claim_once",
            ),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=MOST_A_PERSON), name="perk_claim_slot"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=OPEN) | Q(unit__isnull=False), name="perk_claim_has_unit"
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_until__isnull=False), name="perk_hold_ends"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "redeemed"]) | Q(claimed_at__isnull=False),
                name="perk_claim_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["held_until"], condition=Q(state="held"), name="perk_holds"),
            models.Index(fields=["user", "-held_at"], name="perk_claims_of"),
            models.Index(fields=["campaign", "state"], name="perk_claims_in"),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk} in campaign {self.campaign_id}: {self.state}"

    def seal_address(self, address: str) -> None:
        """Set where the parcel goes, sealed to this row. Does not save."""
        self.sealed_address = sealing.seal(address, bound_to=f"perk:{self.ref}:address")

    def address(self) -> str:
        """Return where the parcel goes, "" once it was erased. Raises sealing.CannotOpen."""
        return sealing.unseal(self.sealed_address, bound_to=f"perk:{self.ref}:address")


class ClaimAccount(models.Model):
    """An account elsewhere that an open claim used up, by a keyed digest; gone when it ends.

    Whoever moves an account to a second profile here finds it used.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="accounts")
    digest = models.CharField(max_length=64)
    slot = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "digest", "slot"], name="perk_once_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"account used by claim {self.claim_id}"


class WaitingPlace(models.Model):
    """A place on the waiting list. The lowest `rank` is next, then the oldest row.

    Those of a draw are ranked by lot; those who came stand behind each other in their order.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"  # a unit is or was held for them
        PASSED = "passed"  # their turn came and a rule did not fit them any more
        LEFT = "left"
        OVER = "over"  # the campaign ended before their turn came

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="waiting", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waiting_places"
    )
    rank = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "user"],
                condition=Q(state="waiting"),
                name="perk_one_place_a_person",
            )
        ]
        indexes = [
            models.Index(
                fields=["campaign", "rank", "id"],
                condition=Q(state="waiting"),
                name="perk_waiting_next",
            )
        ]

    def __str__(self) -> str:
        return f"waiting place {self.pk} in campaign {self.campaign_id}: {self.state}"


class Entry(models.Model):
    """Somebody takes part in a draw, in the list under a random name. `place` comes by lot."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="entries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="entries"
    )
    name = models.CharField(max_length=32)
    at = models.DateTimeField()
    place = models.PositiveIntegerField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "entry in a draw"
        verbose_name_plural = "entries in draws"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="perk_one_entry_a_person"),
            models.UniqueConstraint(fields=["campaign", "name"], name="perk_entry_name_once"),
            models.UniqueConstraint(
                fields=["campaign", "place"],
                condition=Q(place__isnull=False),
                name="perk_lot_once",
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.name} in campaign {self.campaign_id}"


class Answer(models.Model):
    """What somebody who claims says to a question of the brand."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "question"], name="perk_answer_once")
        ]

    def __str__(self) -> str:
        return f"answer of claim {self.claim_id}"
