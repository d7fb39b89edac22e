"""What every code of a network says: what is wrong, why, and what to do.

Sentences hold the names of facts in braces (accounts.diagnosis fills them). A table test holds that
every code is here; `manage.py troubleshooting` makes docs/troubleshooting.md of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.connectors.base import Code

# Where a finding is mended: "reconnect" is the network's consent page, the others are URL names.
LINK = "start"  # where another account is linked
RECONNECT, CHOOSE, READ, RESUME = "reconnect", "choose", "link_read", "link_resume"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `severity`: "bad", "warn" or "info"."""

    code: str
    severity: str
    title: str
    why: str
    what_to_do: str
    fix: str = ""  # RECONNECT, a URL name, or "" when there is nothing to press


_OURS = "Nothing. It is ours to mend, and your score waits meanwhile."

FINDINGS: Mapping[Code, Finding] = {
    Code.EXPIRING: Finding(
        "expiring",
        "warn",
        "The access ends soon",
        "{network} gives access for a limited time; yours ends at {consent_ends}.",
        "Connect again before then.",
        RECONNECT,
    ),
    Code.EXPIRED: Finding(
        "expired",
        "bad",
        "The access has ended",
        "{network} gave access for a limited time, or the key we hold can no longer be opened.",
        "Connect again.",
        RECONNECT,
    ),
    Code.REVOKED: Finding(
        "revoked",
        "bad",
        "{network} took back our access",
        "This happens after signing out all apps, a new password, or removing us over there.",
        "Connect again.",
        RECONNECT,
    ),
    Code.SCOPE_MISSING: Finding(
        "scope_missing",
        "bad",
        "A permission is missing",
        "Something we need was not ticked at {network}, or was taken back since.",
        "Connect again and leave every permission ticked.",
        RECONNECT,
    ),
    Code.SOURCE_NOT_GRANTED: Finding(
        "source_not_granted",
        "bad",
        "{network} lets us in, but not to “{title}”",
        "It was not ticked in the list that {network} showed.",
        "Connect again and tick it there.",
        RECONNECT,
    ),
    Code.ROLE_LOST: Finding(
        "role_lost",
        "bad",
        "You no longer run “{title}”",
        "{network} says that your role there does not let us read it.",
        "Ask its owner for the role, or choose something else.",
        CHOOSE,
    ),
    Code.NO_SOURCE: Finding(
        "no_source",
        "bad",
        "There is nothing to read",
        "{network} knows you, but lists no profile or page for you.",
        "Make one there, then choose it here.",
        CHOOSE,
    ),
    Code.WRONG_ACCOUNT_TYPE: Finding(
        "wrong_account_type",
        "bad",
        "This kind of account cannot be read",
        "{network} shows apps nothing of private or personal accounts of this kind.",
        "Switch the account's kind over there, then read it again.",
        READ,
    ),
    Code.APP_NOT_APPROVED: Finding(
        "app_not_approved",
        "warn",
        "{network} has not approved this site yet",
        "It asks every site to be reviewed before people can link accounts.",
        _OURS,
    ),
    Code.APP_CONFIG: Finding(
        "app_config",
        "warn",
        "This site is not set up right at {network}",
        "{network} does not accept how this site introduces itself.",
        _OURS,
    ),
    Code.RATE_LIMITED: Finding(
        "rate_limited",
        "warn",
        "{network} asked us to wait",
        "It answers only so many questions at a time.",
        "Nothing. We ask again{again}.",
    ),
    Code.QUOTA_EXHAUSTED: Finding(
        "quota_exhausted",
        "warn",
        "What we may ask of {network} today is used up",
        "{quota}",
        "Nothing. We ask again{again}.",
    ),
    Code.GONE: Finding(
        "gone",
        "bad",
        "“{title}” is gone from {network}",
        "It was deleted, moved or suspended over there.",
        "If you moved, link the new account and unlink this one.",
        CHOOSE,
    ),
    Code.TRANSIENT: Finding(
        "transient",
        "warn",
        "{network} does not answer",
        "It is down or out of reach; that is neither yours nor ours to mend.",
        "Nothing. We ask again{again}.",
    ),
    Code.CONTRACT: Finding(
        "contract",
        "warn",
        "We do not understand what {network} answers",
        "It answered in a form that we do not know, so nothing of it was counted.",
        _OURS,
    ),
}

PAUSED = Finding(
    "paused",
    "info",
    "You paused this{paused_when}",
    "It is not read while it is paused.",
    "Resume it when you like.",
    RESUME,
)
NOT_CHOSEN = Finding(
    "not_chosen",
    "warn",
    "“{title}” does not count",
    "It was not chosen, or was unticked since.",
    "Choose what counts.",
    CHOOSE,
)
MOVED = Finding(
    "moved",
    "warn",
    "“{title}” moved to {moved}",
    "Its followers follow the new account now, and this link reads the old one only.",
    "Link {moved} too. This one may stay: what was done about its posts goes on counting.",
    LINK,
)
ARCHIVE_SET_ASIDE = Finding(
    "file_set_aside",
    "warn",
    "“{title}” does not count",
    "{reason}",
    "Unlink it here, or leave it as it is.",
)
UNPROVEN = Finding(
    "unproven",
    "info",
    "This counts half",
    "A file does not prove whose account it is of, and this one names none that you linked.",
    "If the network can be linked here, link that account: then it counts in full.",
)
VANISHED = Finding(
    "vanished",
    "bad",
    "{network} no longer lists “{title}”",
    "It was removed over there, or you lost your role, or it was not ticked when you connected.",
    "Connect again and tick it, or choose something else.",
    RECONNECT,
)
SWITCHED_OFF = Finding(
    "switched_off",
    "warn",
    "{network} is switched off here",
    "Whoever runs this site has switched it off, so nothing is read from it.",
    "Nothing. What was read stays as it is; unlink it if you no longer want it here.",
)
REFUSED_ONCE = Finding(
    "refused_once",
    "warn",
    "{network} refused the last try, at {tried}",
    "Once may be a slip of {network}, so we ask again{again} before we believe it. Until then the "
    "link stays as it was, and your score too.",
    "If you took our access back over there, connect again. Otherwise there is nothing to do.",
    RECONNECT,
)
LIMITED = Finding(
    "limited",
    "warn",
    "We cannot read everything",
    "Not everything at {network} was read. {limited}",
    "Connect again and leave every permission ticked, or leave it so.",
    RECONNECT,
)
TOLD = "What it told us: {what}."
IF_SO = "If that is so: {mend} Otherwise there is nothing to do."
STALE = Finding(
    "stale",
    "warn",
    "This was not read for more than a day",
    "It was last read at {read}, and nothing says why. The reading part of this site may be off.",
    "Read it now.",
    READ,
)
# What only the doctor finds, by asking (accounts.doctor).
OTHER_ACCOUNT = Finding(
    "other_account",
    "bad",
    "{network} now answers for another account",
    "The access speaks for somebody other than the account you linked, so we read nothing with it.",
    "Sign in at {network} with the account you linked, then connect again.",
    RECONNECT,
)
LINKED_ELSEWHERE = Finding(
    "linked_elsewhere",
    "bad",
    "“{title}” speaks for another profile here",
    "One account speaks for one person, and another profile of this site has it.",
    "If that is you, sign in there and unlink it first. Otherwise write to us.",
)
SERVER_GONE = Finding(
    "server_gone",
    "bad",
    "{there} has not answered for two weeks",
    "Servers end, and this one may have ended. What we read before still stands.",
    "If you moved, link the new account and unlink this one. Otherwise there is nothing to do.",
)
EMPTY = Finding(
    "empty",
    "warn",
    "{network} lists none of your posts",
    "We read some there not long ago. They may be hidden now, or the list may be wrong.",
    "See whether your posts are public over there. What we read before still stands.",
)
CLOCK_OFF = Finding(
    "clock_off",
    "warn",
    "{network}'s clock and ours differ",
    "One of the two is wrong. It breaks nothing, but the times of posts may look odd.",
    "Nothing to do for you; whoever runs this site can set our clock by a time server.",
)

BY_CODE: Mapping[str, Finding] = {
    finding.code: finding
    for finding in (
        *FINDINGS.values(),
        PAUSED,
        NOT_CHOSEN,
        VANISHED,
        SWITCHED_OFF,
        REFUSED_ONCE,
        LIMITED,
        STALE,
        OTHER_ACCOUNT,
        LINKED_ELSEWHERE,
        SERVER_GONE,
        EMPTY,
        CLOCK_OFF,
    )
}

LEFT_OUT: Mapping[str, str] = {
    "not_public": "not public",
    "reposts_of_others": "other people's posts, passed on",
    "repeated": "in the file twice",
    "older": "older than we read",
    "future": "dated in the future",
    "too_old": "dated before the network began",
    "bad_id": "without a usable id",
    "bad_count": "with an impossible count",
    "not_a_post": "something else than posts",
    "no_number": "articles, whose time the file does not say",
    "unknown_post": "about posts we do not have",
    "people": "people not asked for by name, who count by number",
    "not_shown": "not shown by the network",
    "undated": "without a date",
    "in_future": "dated in the future",
    "own_reactions": "your own reactions",
    "older_post": "about posts older than we read",
    "copy": "copies of other people's work",
    "not_own": "not yours",
    "bot": "by programs",
    "no_account": "by deleted accounts",
    "closed_list": "lists that are closed to us",
    "removed": "taken down there",
}
