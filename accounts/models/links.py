"""What people let us read, and which sources speak for them.

SocialAccount (allauth: who signed in) -> Grant (sealed tokens) -> Source (what may count).
Exactly the selected sources are scored.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.socialaccount.models import SocialAccount
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts import connectors, sealing
from accounts.connectors.base import NEEDS_PERSON, RETRYABLE, Access, Code
from accounts.models.pauses import NetworkPause
from accounts.models.people import User

FRESH = timedelta(hours=26)  # a source read within this time is up to date
HOLD = timedelta(days=14)  # a link that needs its person counts in full this long
FADE = timedelta(days=14)  # and then fades to nothing over this long
UNPROVEN = 0.5  # what a file counts of its full weight while nothing proves whose it is


class Grant(models.Model):
    """What a network let us do for one linked account. Tokens are sealed to this row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.OneToOneField(SocialAccount, on_delete=models.CASCADE, related_name="grant")
    server = models.URLField(blank=True)
    scopes = models.JSONField(default=list)  # granted
    asked_scopes = models.JSONField(default=list)
    sealed_token = models.TextField(blank=True)
    sealed_refresh = models.TextField(blank=True)
    sealed_key = models.TextField(blank=True)  # a private key that the token is bound to
    expires_at = models.DateTimeField(null=True, blank=True)
    refresh_ends_at = models.DateTimeField(null=True, blank=True)
    # From then on the network shows nothing, though the token lives, until the person comes back.
    data_ends_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField()
    renewing_until = models.DateTimeField(null=True, blank=True)  # a worker renews it until then

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def consent_ends_at(self) -> datetime | None:
        """When the person must connect again at the latest, or None when nothing ends by itself.

        A token that is renewed without the person ends when its renewal does.
        """
        ends = [self.refresh_ends_at if self.sealed_refresh else self.expires_at, self.data_ends_at]
        return min((at for at in ends if at is not None), default=None)

    @property
    def network(self) -> str:
        """The network that gave it: a server's name is no part of that."""
        return str(self.account.provider.partition(":")[0])

    def seal(self, *, token: str, refresh: str = "", key: str = "") -> None:
        """Set the tokens and the key, encrypted and bound to this row. Does not save."""
        self.sealed_token = sealing.seal(token, bound_to=f"grant:{self.pk}:token")
        self.sealed_refresh = sealing.seal(refresh, bound_to=f"grant:{self.pk}:refresh")
        self.sealed_key = sealing.seal(key, bound_to=f"grant:{self.pk}:key")

    def access(self, *, target_token: str = "", via: str = "") -> Access:
        """Return what a connector needs.

        Raises sealing.CannotOpen when a value was moved, changed, or its key is gone.
        """
        return Access(
            token=sealing.unseal(self.sealed_token, bound_to=f"grant:{self.pk}:token"),
            account_id=self.account.uid,
            server=self.server,
            scopes=tuple(self.scopes),
            target_token=target_token,
            refresh=sealing.unseal(self.sealed_refresh, bound_to=f"grant:{self.pk}:refresh"),
            key=sealing.unseal(self.sealed_key, bound_to=f"grant:{self.pk}:key"),
            via=via,
        )


class SourceQuerySet(models.QuerySet["Source"]):
    """Chainable reads of sources."""

    def counted(self) -> "SourceQuerySet":
        """Sources that speak for their person."""
        return self.filter(selected=True)

    def scored(self) -> "SourceQuerySet":
        """Sources of networks whose numbers go into the score; the others are only shown."""
        return self.exclude(network__in=connectors.unscored())

    def locked(self) -> "SourceQuerySet":
        """These rows, locked until the transaction ends; everybody locks them in this order.

        Locks go from person to grants to sources to jobs. FOR NO KEY UPDATE, since FOR UPDATE would
        also hold up whoever writes a line that points at a source and holds a job meanwhile.
        """
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def due(self, now: datetime, *, every: timedelta) -> "SourceQuerySet":
        """Selected, unpaused sources with a connector whose last try is longer ago than `every`.

        None of a network that an operator has paused.
        """
        asleep = NetworkPause.objects.values("network")
        return (
            self.counted()
            .filter(
                Q(tried_at=None) | Q(tried_at__lte=now - every),
                Q(retry_at=None) | Q(retry_at__lte=now),
                paused_at=None,
                grant__isnull=False,
            )
            .exclude(network__in=asleep)
        )


class Source(models.Model):
    """One thing that may speak for a person: a profile, a page, an archive."""

    class State(models.TextChoices):
        """One word each, the same everywhere (docs/linking.md)."""

        HEALTHY = "healthy", _("Healthy")
        READING = "reading", _("Reading")
        SLOW = "slow", _("Slow")
        NEEDS_YOU = "needs_you", _("Needs you")
        NOT_CHOSEN = "not_chosen", _("Page not chosen")
        LIMITED = "limited", _("Limited")
        OUR_FAULT = "our_fault", _("Our fault")
        NETWORK_DOWN = "network_down", _("Network down")
        PAUSED = "paused", _("Paused")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sources")
    grant = models.ForeignKey(
        Grant, on_delete=models.CASCADE, null=True, blank=True, related_name="sources"
    )
    network = models.CharField(max_length=30)
    issuer = models.CharField(max_length=253, blank=True)  # the server, where there are many
    external_id = models.CharField(max_length=191)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)
    role = models.CharField(max_length=60, blank=True)
    followers = models.BigIntegerField(null=True, blank=True)
    listed = models.BigIntegerField(null=True, blank=True)  # on so many lists of others
    posts_90d = models.BigIntegerField(null=True, blank=True)
    last_post_at = models.DateTimeField(null=True, blank=True)
    selectable = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    sealed_token = models.TextField(blank=True)
    # Of a file: the account it says it is of ("x 4242"), and since when its person proved that.
    claim = models.CharField(max_length=700, blank=True, db_index=True)
    proven_at = models.DateTimeField(null=True, blank=True)

    selected = models.BooleanField(default=False)
    selected_at = models.DateTimeField(null=True, blank=True)
    available = models.BooleanField(default=True)  # False: the network no longer lists it
    paused_at = models.DateTimeField(null=True, blank=True)

    # Health: the code of the last try, and when that began.
    code = models.CharField(max_length=30, default=Code.OK)
    code_since = models.DateTimeField(null=True, blank=True)
    # Since when each reading left out most of what there was; kept through failures of other kinds.
    doubted_since = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)  # the network's own words
    failures = models.PositiveSmallIntegerField(default=0)  # tries in a row that failed
    tried_at = models.DateTimeField(null=True, blank=True)
    # When the person last connected again after a refusal; a refusal after that is not theirs.
    mended_at = models.DateTimeField(null=True, blank=True)
    # The clock of the source: its evidence ages only as far as it was last read without fault.
    read_at = models.DateTimeField(null=True, blank=True)
    complete_since = models.DateTimeField(null=True, blank=True)
    # The last read that asked for all that counts, where most read only what is young.
    deep_read_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    limited = models.JSONField(default=list)
    moved_to = models.CharField(max_length=200, blank=True)  # where its account went, as it says

    objects: ClassVar[Any] = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network", "issuer", "external_id"], name="source_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["network", "issuer", "external_id"],
                condition=Q(selected=True),
                name="source_speaks_for_one_person",
            ),
        ]
        indexes = [  # accounts that are asked for by their name there, whatever its case
            models.Index(Lower("url"), condition=Q(network="x"), name="source_x_name")
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.title}"

    @property
    def via(self) -> str:
        """The network of the grant, where this is read through another one than its own; or ""."""
        if self.network not in connectors.READ_THROUGH or self.grant is None:
            return ""
        return self.grant.network if self.grant.network != self.network else ""

    @property
    def access_ends_at(self) -> datetime | None:
        """When the person must connect again at the latest, or None.

        A page's own key outlives that of its person, as long as the network shows data at all.
        """
        if self.grant is None:
            return None
        if self.sealed_token and not self.grant.sealed_refresh:
            return self.grant.data_ends_at
        return self.grant.consent_ends_at

    def target_token(self) -> str:
        """Return the page's own token, or "". Raises sealing.CannotOpen."""
        if not self.sealed_token:
            return ""
        return sealing.unseal(self.sealed_token, bound_to=self._bound_to)

    def seal_target_token(self, token: str) -> None:
        """Set the page's own token, bound to this source's identity. Does not save."""
        self.sealed_token = sealing.seal(token, bound_to=self._bound_to) if token else ""

    @property
    def _bound_to(self) -> str:
        return f"source:{self.user_id}:{self.network}:{self.issuer}:{self.external_id}"

    def state_at(self, now: datetime, *, down: Collection[tuple[str, str]] = ()) -> "Source.State":
        """Return the one word that pages show, from the facts of the row.

        `down` holds the (network, issuer) that answer few people now (accounts.outages).
        """
        if self.paused_at:
            return self.State.PAUSED
        if not self.selected:
            return self.State.NOT_CHOSEN
        if self.grant_id is None:
            return self.State.HEALTHY  # an archive: nothing can break
        if connectors.is_off(self.network, via=self.via):
            return self.State.OUR_FAULT
        if self.code == Code.OK:
            if self.read_at is None or self.tried_at is None:  # new, or connected again
                return self.State.READING
            if now - self.read_at > FRESH:
                return self.State.SLOW
            return self.State.LIMITED if self.limited else self.State.HEALTHY
        if self.code in NEEDS_PERSON:
            return self.State.NEEDS_YOU
        if self.code == Code.TRANSIENT and (self.network, self.issuer) in down:
            return self.State.NETWORK_DOWN
        return self.State.SLOW if self.code in RETRYABLE else self.State.OUR_FAULT


class SyncRun(models.Model):
    """One read of a source, kept 30 days: what was counted and what was left out."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    code = models.CharField(max_length=30)
    words = models.CharField(max_length=300, blank=True)
    pages = models.PositiveBigIntegerField(default=0)
    posts = models.PositiveBigIntegerField(default=0)
    reactions = models.PositiveBigIntegerField(default=0)
    left_out = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["source", "-started_at"], name="syncrun_newest")]

    def __str__(self) -> str:
        return f"run {self.pk} of source {self.source_id}: {self.code}"
