"""What is wrong with a link and who must act: facts in, findings out.

Pure: facts come from rows (accounts.views.facts), times are already words in the person's own
zone, and the sentences stand in accounts.findings and
accounts.states.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from accounts.connectors.base import NEEDS_PERSON, Code
from accounts.findings import (
    ARCHIVE_SET_ASIDE,
    BY_CODE,
    FINDINGS,
    IF_SO,
    LEFT_OUT,
    LIMITED,
    MOVED,
    NOT_CHOSEN,
    PAUSED,
    REFUSED_ONCE,
    STALE,
    SWITCHED_OFF,
    TOLD,
    UNPROVEN,
    VANISHED,
    Finding,
)
from accounts.speech import ENGLISH, Speech
from accounts.states import (
    FILE_LEFT_OUT,
    FILE_READ,
    FILE_READ_UNPROVEN,
    HALTED,
    NO_ANSWER,
    NOT_READ,
    SO_MANY_A_DAY,
    STATES,
    SWITCHED_OFF_STATE,
    USED_UP,
    StateText,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """One link as it stands. Times are words ("06:05 today"), "" is never or not known."""

    network: str  # as people write it
    title: str
    state: str  # a value of Source.State
    code: Code = Code.OK
    archive: bool = False
    proven: bool = True  # of a file: its person linked the account it names
    reason: str = ""  # of a file: why it no longer counts
    moved: str = ""  # the account that this one moved to
    off: bool = False  # this site has switched the network off
    halted: str = ""  # why an operator has paused the network for everybody
    halted_since: str = ""
    server: str = ""
    since: str = ""  # when the code began
    read: str = ""  # last read without fault
    stale: bool = False  # that is more than 26 hours ago
    tried: str = ""
    retry: str = ""
    refused: bool = False  # the last try failed, and one failure is not believed yet
    refused_as: str = Code.OK  # code of what that try was told, where it is known
    words: str = ""  # the network's own
    # Why it is asked so much a day and no more.
    quota: str = SO_MANY_A_DAY
    allowance: str = "Today's"  # or "This hour's"
    limited: tuple[str, ...] = ()
    available: bool = True
    paused: str = ""
    holds_until: str = ""  # a link that needs its person counts in full until then
    fades_until: str = ""  # and is gone by then
    consent_ends: str = ""  # only when within 7 days
    consent_ended: bool = False
    posts: int | None = None  # of the last good read
    recent_posts: int | None = None  # those of the last 90 days
    reactions: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    speech: Speech = ENGLISH  # of the reader


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the check list. `status`: "done", "fail", "now" (waits) or "" (not tried)."""

    name: str
    status: str
    detail: str


Text = TypeVar("Text", StateText, Finding)

# The order of the check list, and which codes break which line.
CHECKS: tuple[tuple[str, frozenset[Code]], ...] = (
    ("{network} answers", frozenset({Code.TRANSIENT})),
    ("The account exists", frozenset({Code.GONE})),
    ("Access", frozenset({Code.EXPIRED, Code.REVOKED, Code.EXPIRING, Code.APP_CONFIG})),
    ("Permissions", frozenset({Code.SCOPE_MISSING, Code.APP_NOT_APPROVED})),
    (
        "“{title}” is yours to read",
        frozenset(
            {Code.SOURCE_NOT_GRANTED, Code.ROLE_LOST, Code.NO_SOURCE, Code.WRONG_ACCOUNT_TYPE}
        ),
    ),
    ("Reading", frozenset({Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED, Code.CONTRACT})),
)
_NO_SENTENCES = frozenset({"tone", "code", "severity", "fix"})
_ASKED_TO_WAIT = frozenset({Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED})
_WAITS = _ASKED_TO_WAIT | {Code.TRANSIENT, Code.EXPIRING}


def state_text(facts: Facts) -> StateText:
    """Return what the link's state says, filled with its facts."""
    if facts.archive and facts.state == "healthy":
        return _filled(FILE_READ if facts.proven else FILE_READ_UNPROVEN, facts)
    if facts.archive and facts.state == "not_chosen" and facts.reason:
        return _filled(FILE_LEFT_OUT, facts)
    if facts.halted:
        # What waits for its person goes on fading: connecting again holds it, without a read.
        fades = {"effect": STATES["needs_you"].effect} if facts.code in NEEDS_PERSON else {}
        return _filled(replace(HALTED, **fades), facts)
    if facts.off and facts.state == "our_fault":
        return _filled(SWITCHED_OFF_STATE, facts)
    if facts.state == "slow" and facts.code == Code.QUOTA_EXHAUSTED:
        return _filled(USED_UP, facts)
    if facts.state == "slow" and facts.code not in _ASKED_TO_WAIT:
        return _filled(NO_ANSWER if facts.code == Code.TRANSIENT else NOT_READ, facts)
    return _filled(STATES[facts.state], facts)


def diagnose(facts: Facts) -> list[Finding]:
    """Return what is not as it should be, the most pressing first; empty when all is well."""
    if facts.archive:
        return [_filled(finding, facts) for finding in _of_file(facts)]
    if facts.halted:
        return []  # nobody is asked, and there is nothing to press
    found: list[Finding] = []
    if facts.state == "paused":
        found.append(PAUSED)
    elif facts.state == "not_chosen":
        found.append(NOT_CHOSEN)
    if facts.off:
        return [_filled(finding, facts) for finding in [*found, SWITCHED_OFF]]
    found += _of_access(facts)
    if not facts.available:
        found.append(VANISHED)
    if doubted(facts):
        found.append(_refused_once(facts))
    if facts.stale and not found:
        found.append(STALE)
    found += [LIMITED] * bool(facts.limited) + [MOVED] * bool(facts.moved)
    order = ("bad", "warn", "info")
    found.sort(key=lambda finding: order.index(finding.severity))
    return [_filled(finding, facts) for finding in found]


def _of_access(facts: Facts) -> list[Finding]:
    """Return what the network says of the access, else that it ends by itself."""
    if facts.code != Code.OK:
        return [FINDINGS[facts.code]]
    if facts.consent_ended:
        return [FINDINGS[Code.EXPIRED]]
    return [FINDINGS[Code.EXPIRING]] if facts.consent_ends else []


def _refused_once(facts: Facts) -> Finding:
    """Return the one thing that is said of a refusal that is not believed yet, with its mend."""
    told = BY_CODE.get(facts.refused_as)
    if told is None:
        return REFUSED_ONCE
    say = facts.speech.sentence
    return replace(
        REFUSED_ONCE,
        why=f"{say(TOLD).format(what=say(told.title))} {say(REFUSED_ONCE.why)}",
        what_to_do=say(IF_SO).format(mend=say(told.what_to_do)),
        fix=told.fix,
    )


def _of_file(facts: Facts) -> list[Finding]:
    """Return what there is to say of a file: it was read once, and nothing can break."""
    if facts.state == "paused":
        return [PAUSED]
    if facts.state == "not_chosen":
        return [ARCHIVE_SET_ASIDE if facts.reason else NOT_CHOSEN]
    return [] if facts.proven else [UNPROVEN]


def checks(facts: Facts) -> list[Check]:
    """Return the check list in the order in which things can break; what comes after is not tried.

    Empty for an archive: it was read once and nothing can break; and for a network that is switched
    off or paused, which nobody asks.
    """
    if facts.archive or facts.off or facts.halted:
        return []
    listed, broken, say = [], False, facts.speech.sentence
    for name, codes in CHECKS:
        title = say(name).format(network=facts.network, title=facts.title)
        if broken:
            listed.append(Check(title, "", say("Not tried: the broken line above comes first.")))
        elif facts.code == Code.OK and not facts.read:
            listed.append(Check(title, "", say("Not tried yet.")))
        elif facts.code in codes:
            broken = True
            finding = _filled(FINDINGS[facts.code], facts)
            status = "now" if facts.code in _WAITS else "fail"
            listed.append(Check(title, status, f"{finding.title}. {finding.why}"))
        elif doubted(facts) and facts.refused_as in codes:
            broken = True
            listed.append(Check(title, "now", _filled(_refused_once(facts), facts).why))
        else:
            listed.append(Check(title, "done", _good(name, facts)))
    listed.append(_counting(facts))
    return listed


def finding(code: str, facts: Facts) -> Finding | None:
    """Return what the finding of this code says about the link, or None when there is none."""
    return _filled(BY_CODE[code], facts) if code in BY_CODE else None


def doubted(facts: Facts) -> bool:
    """Tell whether the network refused the last try and we wait whether it does so again."""
    return facts.code == Code.OK and facts.refused and not facts.halted


def title_of(code: Code, facts: Facts) -> str:
    """Return a line about a failed try: the title of its finding."""
    return _filled(FINDINGS[code], facts).title if code in FINDINGS else ""


def posts_in_words(posts: int, recent: int | None, speech: Speech = ENGLISH) -> str:
    """Return how many posts the last good read held, and how many of the last 90 days there are.

    A first read goes back twice as far, so that the days before it can be worked out; where posts
    cost something, a daily read holds young ones only. `recent` is None where that is not known.
    """
    form = speech.counted(
        "{n} post in the last good read", "{n} posts in the last good read", posts
    )
    said = form.format(n=speech.whole(posts))
    if recent is None:
        return said
    if recent == posts:
        whole = speech.sentence("{posts}, all of the last 90 days")
    elif recent > posts:
        whole = speech.sentence("{posts}, {n} of the last 90 days in all")
    else:
        whole = speech.sentence("{posts}, {n} of the last 90 days")
    return whole.format(posts=said, n=speech.whole(recent))


def left_out_in_words(left_out: Mapping[str, int], speech: Speech = ENGLISH) -> str:
    """Return "3 not public, 1 in the file twice", the most frequent first, or ""."""
    listed = sorted((-count, LEFT_OUT.get(code, code)) for code, count in left_out.items())
    return ", ".join(
        f"{speech.whole(-count)} {speech.sentence(words).replace('_', ' ')}"
        for count, words in listed
    )


def _good(name: str, facts: Facts) -> str:
    """Return what there is to add to "fine", or ""."""
    say = facts.speech.sentence
    if name == "Reading":
        if not facts.read:
            return say("Not tried yet.")
        return say("Last read at {read}.").format(read=facts.read)
    if name == "Access" and facts.consent_ends:
        return say("Ends at {ends}.").format(ends=facts.consent_ends)
    return ""


def _counting(facts: Facts) -> Check:
    """Return the last line: what of the last good read counted."""
    say, title = facts.speech.sentence, facts.speech.sentence("Counting")
    if facts.state == "not_chosen":
        return Check(title, "fail", say("Not chosen, so it does not count."))
    if facts.posts is None:
        return Check(title, "", say("Nothing was read yet."))
    detail = posts_in_words(facts.posts, facts.recent_posts, facts.speech)
    if facts.reactions is not None:
        form = facts.speech.counted(
            "{posts}, with {n} new reaction", "{posts}, with {n} new reactions", facts.reactions
        )
        detail = form.format(posts=detail, n=facts.speech.whole(facts.reactions))
    if facts.code != Code.OK:
        still = say("Still counts what was read at {read}: {what}")
        detail = still.format(read=facts.read, what=detail)
    out = left_out_in_words(facts.left_out, facts.speech)
    return Check(
        title,
        "done",
        f"{detail}. {say('Left out: {out}.').format(out=out)}" if out else f"{detail}.",
    )


def _filled(text: Text, facts: Facts) -> Text:
    """Return `text` in the reader's language, with the facts in its sentences."""
    say = facts.speech.sentence
    known = {name.name: getattr(facts, name.name) for name in fields(facts)}
    known["there"] = facts.server or facts.network
    known["limited"] = " ".join(facts.limited)
    known["quota"], known["allowance"] = say(facts.quota), say(facts.allowance)
    known["until"] = facts.retry or say("later")
    known["again"] = (
        say(" at {retry}").format(retry=facts.retry) if facts.retry else say(" by ourselves")
    )
    known["since_when"] = say(" since {since}").format(since=facts.since) if facts.since else ""
    known["paused_when"] = say(" at {paused}").format(paused=facts.paused) if facts.paused else ""
    said = {
        each.name: say(getattr(text, each.name)).format_map(known)
        for each in fields(text)
        if each.name not in _NO_SENTENCES
    }
    return replace(text, **said)
