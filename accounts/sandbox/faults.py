"""The faults that the made-up network can be told to have, and what each of them does."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Fault(StrEnum):
    """What goes wrong. The values stand in SandboxFault rows."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    SCOPE_MISSING = "scope_missing"
    ROLE_LOST = "role_lost"
    RATE_LIMITED = "rate_limited"
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    EMPTY = "empty"
    GONE = "gone"
    METRIC_RETIRED = "metric_retired"
    CLOCK_OFF = "clock_off"
    APP_REFUSED = "app_refused"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A fault in words. `mended_by_consent`: access given after the switch works again."""

    title: str | Promise
    does: str | Promise
    mended_by_consent: bool = False
    pages_only: bool = False


MEANINGS: dict[Fault, Meaning] = {
    Fault.REVOKED: Meaning(
        _("Access taken back"),
        _("The network refuses us, as if you had removed us there. Connect again and it works."),
        mended_by_consent=True,
    ),
    Fault.EXPIRED: Meaning(
        _("Consent ran out"),
        _("The network says that the consent has ended. Connect again and it works."),
        mended_by_consent=True,
    ),
    Fault.SCOPE_MISSING: Meaning(
        _("Permission unticked"),
        _("We may read posts, but not who reacted. Connect again and it works."),
        mended_by_consent=True,
    ),
    Fault.ROLE_LOST: Meaning(
        _("Page role lost"),
        _("Somebody took away the role that lets us read the page. Lasts until you switch it off."),
        pages_only=True,
    ),
    Fault.RATE_LIMITED: Meaning(
        _("Too many requests"),
        _("The network asks us to wait five minutes, each time that we ask."),
    ),
    Fault.SLOW: Meaning(_("Slow"), _("Each read begins with an answer that takes two seconds.")),
    Fault.SERVER_ERROR: Meaning(
        _("Network down"), _("The network answers with an error of its own.")
    ),
    Fault.MALFORMED: Meaning(
        _("Broken answers"), _("The network answers with half a sentence of data.")
    ),
    Fault.EMPTY: Meaning(
        _("Empty answers"),
        _("The network says that all is well and lists no posts at all."),
    ),
    Fault.GONE: Meaning(_("Gone"), _("The account or page no longer exists on the network.")),
    Fault.METRIC_RETIRED: Meaning(
        _("A count is retired"),
        _("The network no longer says how often a post was quoted."),
    ),
    Fault.CLOCK_OFF: Meaning(_("Clock off"), _("The network's clock runs a day ahead of ours.")),
    Fault.APP_REFUSED: Meaning(
        _("This site's key refused"),
        _("The network does not accept how this site introduces itself."),
    ),
}
