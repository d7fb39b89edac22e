"""What every state of a link says on every page: words, action, effect.

Sentences hold the names of facts in braces (accounts.diagnosis fills them). A table test holds that
every state is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class StateText:
    """What a state says on every page. `tone` is a class of the tag."""

    tone: str
    says: str
    action: str
    effect: str


STATES: Mapping[str, StateText] = {
    "healthy": StateText("good", "Read at {read}.", "Nothing to do.", "Counts in full."),
    "reading": StateText(
        "info",
        "Being read now, or next in line.",
        "Nothing to do.",
        "Your score waits and keeps its last value.",
    ),
    "slow": StateText(
        "warn",
        "{network} asked us to wait until {until}.",
        "Nothing to do.",
        "Your score keeps its last value.",
    ),
    "needs_you": StateText(
        "bad",
        "{network} has refused us{since_when}.",
        "See what to press.",
        "Counts in full until {holds_until}, then fades until {fades_until}.",
    ),
    "not_chosen": StateText("warn", "Choose what counts.", "Choose what counts.", "Not counted."),
    "limited": StateText(
        "warn",
        "We cannot read everything. {limited}",
        "Connect again and allow the rest, or leave it so.",
        "What we can read counts; the rest does not.",
    ),
    "our_fault": StateText(
        "warn",
        "Something is wrong on our side{since_when}.",
        "Nothing to do; we look into it.",
        "No effect: your score is frozen for this account.",
    ),
    "network_down": StateText(
        "warn",
        "{there} is down: it answers few people here{since_when}.",
        "Nothing to do; we ask again{again}.",
        "No effect: your score is frozen for this account.",
    ),
    "paused": StateText(
        "info",
        "You paused this{paused_when}.",
        "Resume when you like.",
        "Held as it was when you paused.",
    ),
}
# Slow for another reason than that the network asked us to wait.
NO_ANSWER = StateText(
    "warn",
    "No answer from {there}{since_when}.",
    "Nothing to do; we ask again{again}.",
    "Your score keeps its last value.",
)
SO_MANY_A_DAY = "It answers only so many questions of this site a day."
USED_UP = StateText(
    "warn",
    "{quota} {allowance} is used up; we read again{again}.",
    "Nothing to do.",
    "Your score keeps its last value.",
)
NOT_READ = StateText(
    "warn",
    "Not read since {read}.",
    "Read it now.",
    "No effect: your score stands still for this account.",
)

SWITCHED_OFF_STATE = StateText(
    "warn",
    "{network} is switched off here.",
    "Nothing to do, or unlink it.",
    "No effect: your score is frozen for this account.",
)

# An operator paused the network for everybody.
HALTED = StateText(
    "info",
    "Whoever runs this site paused reading of {network} since {halted_since}: {halted}",
    "Nothing to do; it is read again as soon as they resume it.",
    "No effect: your score is frozen for this account.",
)

# A file is read once and nothing of it can break.
FILE_READ = StateText(
    "good",
    "Read once, at {read}.",
    "Upload a newer file to bring it up to date.",
    "Counts in full and grows older day by day.",
)
FILE_READ_UNPROVEN = replace(FILE_READ, effect="Counts half and grows older day by day.")
FILE_LEFT_OUT = StateText("warn", "{reason}", "Unlink it, or leave it as it is.", "Not counted.")
