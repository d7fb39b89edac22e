"""The nine checks of a link: what each is called, what it needs, and which error breaks which.

Pure: accounts.doctor asks the network and the rows, pages show the results.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from accounts.connectors.base import RETRYABLE, Code


class Check(StrEnum):
    """What is looked at, in this order."""

    SERVER = "server"
    TOKEN = "token"  # noqa: S105 - the name of a check
    SCOPES = "scopes"
    IDENTITY = "identity"
    ROLE = "role"
    READING = "reading"
    COUNTING = "counting"
    CLOCK = "clock"
    OURS = "ours"


class Status(StrEnum):
    """What came of a check. Values are classes of the list."""

    DONE = "done"
    WARN = "warn"  # worth knowing; nothing stops for it
    WAIT = "now"  # broken, and time mends it
    FAIL = "fail"
    NOT_TRIED = ""


TITLES: Mapping[Check, str] = {
    Check.SERVER: "{network} answers",
    Check.TOKEN: "The access is alive",
    Check.SCOPES: "The permissions are there",
    Check.IDENTITY: "It is the account you linked",
    Check.ROLE: "“{title}” is yours to read",
    Check.READING: "Posts can be read",
    Check.COUNTING: "It counts",
    Check.CLOCK: "The clocks agree",
    Check.OURS: "This site is set up right",
}
ASKS: Mapping[Check, str] = {
    Check.SERVER: "Does the server answer at all, and how fast?",
    Check.TOKEN: "Does the network still accept what it gave us? Asked of itself where it can say.",
    Check.SCOPES: "What we asked for, what you gave, and what the network says today.",
    Check.IDENTITY: "Does the access still speak for the account you linked?",
    Check.ROLE: "Does the network still list it for you, with a role that lets us read?",
    Check.READING: "Are the newest posts given to us?",
    Check.COUNTING: "What of the last good read counted, and what was left out.",
    Check.CLOCK: "Does the network's clock agree with ours to a minute?",
    Check.OURS: "Is the network switched on here, with its keys and version?",
}
# What must not have failed for a check to be worth trying. The last three always are.
NEEDS: Mapping[Check, tuple[Check, ...]] = {
    Check.TOKEN: (Check.SERVER,),
    Check.SCOPES: (Check.TOKEN,),
    Check.IDENTITY: (Check.TOKEN,),
    Check.ROLE: (Check.IDENTITY,),
    Check.READING: (Check.ROLE,),
}
# Whatever call brings it, this error breaks this check; other errors break the one that asked.
_BREAKS: Mapping[Code, Check] = {
    Code.EXPIRED: Check.TOKEN,
    Code.REVOKED: Check.TOKEN,
    Code.SCOPE_MISSING: Check.SCOPES,
    Code.SOURCE_NOT_GRANTED: Check.ROLE,
    Code.ROLE_LOST: Check.ROLE,
    Code.NO_SOURCE: Check.ROLE,
    Code.WRONG_ACCOUNT_TYPE: Check.ROLE,
    Code.APP_CONFIG: Check.OURS,
    Code.APP_NOT_APPROVED: Check.OURS,
}
# The network may puzzle us about itself and still be read.
_MAY_PUZZLE = frozenset({Check.SERVER, Check.TOKEN})


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check. `finding` is a key of accounts.findings.BY_CODE, "" for none."""

    check: Check
    status: Status
    detail: str = ""
    finding: str = ""
    took_ms: int | None = None  # None: nobody was asked

    def as_row(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Result":
        """Return what `as_row` made a row of."""
        return cls(**{**row, "check": Check(row["check"]), "status": Status(row["status"])})


def broken_by(code: Code, asked: Check) -> Check:
    """Return which check an error breaks that came while `asked` was tried."""
    if code == Code.GONE:  # the account, or only the page
        return Check.ROLE if asked in {Check.ROLE, Check.READING} else Check.IDENTITY
    return _BREAKS.get(code, asked)


def status_of(code: Code, asked: Check) -> Status:
    """Return how badly an error breaks the check it breaks."""
    if code == Code.CONTRACT and asked in _MAY_PUZZLE:
        return Status.WARN
    return Status.WAIT if code in RETRYABLE else Status.FAIL


def cause(results: Sequence[Result]) -> Result | None:
    """Return the result that names what is wrong: the first that broke, else the first warning."""
    broken = [each for each in results if each.status in {Status.FAIL, Status.WAIT}]
    warned = [each for each in results if each.status == Status.WARN]
    return next(iter(broken + warned), None)
