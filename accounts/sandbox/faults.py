"""The faults that the made-up network can be told to have, and what each of them does."""

from dataclasses import dataclass
from enum import StrEnum


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

    title: str
    does: str
    mended_by_consent: bool = False
    pages_only: bool = False


MEANINGS: dict[Fault, Meaning] = {
    Fault.REVOKED: Meaning(
        "Access taken back",
        "The network refuses us, as if you had removed us there. Connect again and it works.",
        mended_by_consent=True,
    ),
    Fault.EXPIRED: Meaning(
        "Consent ran out",
        "The network says that the consent has ended. Connect again and it works.",
        mended_by_consent=True,
    ),
    Fault.SCOPE_MISSING: Meaning(
        "Permission unticked",
        "We may read posts, but not who reacted. Connect again and it works.",
        mended_by_consent=True,
    ),
    Fault.ROLE_LOST: Meaning(
        "Page role lost",
        "Somebody took away the role that lets us read the page. Lasts until you switch it off.",
        pages_only=True,
    ),
    Fault.RATE_LIMITED: Meaning(
        "Too many requests", "The network asks us to wait five minutes, each time that we ask."
    ),
    Fault.SLOW: Meaning("Slow", "Each read begins with an answer that takes two seconds."),
    Fault.SERVER_ERROR: Meaning("Network down", "The network answers with an error of its own."),
    Fault.MALFORMED: Meaning("Broken answers", "The network answers with half a sentence of data."),
    Fault.EMPTY: Meaning(
        "Empty answers", "The network says that all is well and lists no posts at all."
    ),
    Fault.GONE: Meaning("Gone", "The account or page no longer exists on the network."),
    Fault.METRIC_RETIRED: Meaning(
        "A count is retired", "The network no longer says how often a post was quoted."
    ),
    Fault.CLOCK_OFF: Meaning("Clock off", "The network's clock runs a day ahead of ours."),
    Fault.APP_REFUSED: Meaning(
        "This site's key refused", "The network does not accept how this site introduces itself."
    ),
}
