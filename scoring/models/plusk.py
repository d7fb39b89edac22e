"""The ledger of +K: who gave whom what, and what became of it. Rows are added, never changed.

Triggers of the database refuse to change, delete or replace PlusK, PlusKAct and PlusKChain
(migrations 0007 and 0036). Only scoring.plusk writes here.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Case
from scoring.engine.plusk import LONGEST, TRIES_PER_DAY, Act
from scoring.engine.trust import Why
from scoring.models.topics import SLUG


class PlusKMember(models.Model):
    """Who the ledger speaks of: a random number, which stays when the person leaves.

    `day` and `zone`: of the newest +K that they gave. `seen`: the newest that they were shown.
    `trust`: how far they were known last night, 0 to 1; NULL before the first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="plusk_member"
    )
    day = models.DateField(null=True)
    zone = models.CharField(max_length=64, blank=True)
    seen = models.BigIntegerField(default=0)
    trust = models.FloatField(null=True)

    class Meta:
        verbose_name = "member as +K counts them"
        verbose_name_plural = "members as +K counts them"

    def __str__(self) -> str:
        return f"+K member {self.pk}"


class PlusK(models.Model):
    """One +K as it was given. `day` is the giver's own; `slot` counts what they gave on it."""

    giver = models.ForeignKey(
        PlusKMember, on_delete=models.PROTECT, related_name="given", db_index=False
    )
    receiver = models.ForeignKey(
        PlusKMember, on_delete=models.PROTECT, related_name="received", db_index=False
    )
    topic = models.CharField(max_length=SLUG)
    offered = models.BooleanField()  # the receiver did not show the topic then, and must accept it
    day = models.DateField()
    slot = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "+K"
        verbose_name_plural = "+K"
        constraints = [
            models.UniqueConstraint(fields=["giver", "day", "slot"], name="plusk_slot_once"),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=TRIES_PER_DAY), name="plusk_so_many_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("receiver")), name="plusk_to_somebody_else"
            ),
        ]
        indexes = [
            models.Index(fields=["giver", "receiver", "topic", "at"], name="plusk_last"),
            models.Index(fields=["giver", "id"], name="plusk_given"),
            models.Index(fields=["receiver", "id"], name="plusk_received"),
        ]

    def __str__(self) -> str:
        return f"+K {self.pk} in {self.topic}"


class PlusKAct(models.Model):
    """Something that was done about a +K: the newest answer and ruling hold."""

    plusk = models.ForeignKey(PlusK, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=8, choices=[(act.value, act.value) for act in Act])
    at = models.DateTimeField()

    class Meta:
        verbose_name = "act about +K"
        verbose_name_plural = "acts about +K"
        constraints = [
            models.UniqueConstraint(
                fields=["plusk", "kind"],
                condition=Q(kind__in=[Act.UNDO.value, Act.THANK.value, Act.REPORT.value]),
                name="plusk_act_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of +K {self.plusk_id}"


class PlusKChain(models.Model):
    """A link of the chain over the ledger: what its rows come to, and all links before it.

    `plusk` and `act`: the newest row of each table that is in it. `head`: SHA-256, in hex.
    """

    plusk = models.BigIntegerField()
    act = models.BigIntegerField()
    head = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "link of the chain over +K"
        verbose_name_plural = "links of the chain over +K"
        constraints = [
            models.UniqueConstraint(fields=["plusk", "act"], name="plusk_chain_once"),
        ]

    def __str__(self) -> str:
        return f"up to +K {self.plusk} and act {self.act}: {self.head}"


class PlusKRuling(models.Model):
    """Which operator ruled about a +K, and why; the act says what. Gone with nobody."""

    act = models.OneToOneField(
        PlusKAct, on_delete=models.PROTECT, primary_key=True, related_name="ruling"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(max_length=LONGEST, blank=True)

    class Meta:
        verbose_name = "ruling about a +K"
        verbose_name_plural = "rulings about +K"

    def __str__(self) -> str:
        return f"ruling {self.pk}: {self.reason}"


class PlusKCase(models.Model):
    """The case that a report or a question opened. Gone with the case; the act stays."""

    act = models.OneToOneField(
        PlusKAct, on_delete=models.PROTECT, primary_key=True, related_name="opened"
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "case about a +K"
        verbose_name_plural = "cases about +K"

    def __str__(self) -> str:
        return f"case {self.case_id} of act {self.pk}"


class PlusKWords(models.Model):
    """Why somebody gave a +K, in their words; gone with either of the two.

    `public`: the giver lets them be read on the receiver's page.
    """

    plusk = models.OneToOneField(
        PlusK, on_delete=models.PROTECT, primary_key=True, related_name="words"
    )
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    because = models.CharField(max_length=LONGEST)
    public = models.BooleanField(default=False)

    class Meta:
        verbose_name = "words with a +K"
        verbose_name_plural = "words with +K"
        indexes = [models.Index(fields=["receiver", "plusk"], name="plusk_words_newest")]

    def __str__(self) -> str:
        return f"words of +K {self.plusk_id}"


class PlusKTotal(models.Model):
    """How much +K counts for a person in a topic. A function of the ledger: recompute_plusk.

    `counted`: how many. `weighed`: what they come to, each by the weight of its pair.
    """

    receiver = models.ForeignKey(
        PlusKMember, on_delete=models.CASCADE, related_name="totals", db_index=False
    )
    topic = models.CharField(max_length=SLUG)
    counted = models.PositiveIntegerField(default=0)
    weighed = models.FloatField(default=0)

    class Meta:
        verbose_name = "total of +K"
        verbose_name_plural = "totals of +K"
        constraints = [
            models.UniqueConstraint(fields=["receiver", "topic"], name="plusk_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.counted} +K in {self.topic}"


class PlusKWeight(models.Model):
    """What each +K of a giver to a receiver counts where it is less than 1, and why.

    Only scoring.plusk.weighing writes here, by night and after giving.
    """

    receiver = models.ForeignKey(
        PlusKMember, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    giver = models.ForeignKey(
        PlusKMember, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    weight = models.FloatField()
    why = models.PositiveSmallIntegerField(choices=[(why.value, why.name) for why in Why])

    class Meta:
        verbose_name = "weight of a +K"
        verbose_name_plural = "weights of +K"
        constraints = [
            models.UniqueConstraint(fields=["receiver", "giver"], name="plusk_weight_once"),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lt=1), name="plusk_weight_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weight:.2f} each"
