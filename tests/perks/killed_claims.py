"""A process whose children die while they claim, or while the mail of a claim is sent.

`claim REF USER NOW`: one child a statement of claiming, each killed before it; then one that lives.
`mail USER NOW FOLDER`: the same for the job that sends the mail, which goes to files in FOLDER.
`crowd CAMPAIGN NOW PERSON...`: one child a person; of these 5 % are killed and 30 % fail after
taking a unit. Prints how the children ended, one word each.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import django

Wrapper = Callable[..., Any]


class TheirFault(Exception):
    """Something that fails in the middle of a transaction."""


def die() -> NoReturn:
    """End as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def at_statement(number: int, act: Callable[[], NoReturn]) -> Wrapper:
    """Return a wrapper of statements that runs `act` before the one of this number, from 0."""
    left = [number]

    def wrapper(execute: Callable[..., Any], *call: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            act()
        return execute(*call)

    return wrapper


def in_child(act: Callable[[], object], wrapper: Wrapper | None = None) -> str:
    """Run `act` in a fork (no connection is open yet) and return how it ended."""
    from django.db import connection

    from perks.refusals import Refused

    pid = os.fork()
    if not pid:
        code = 0
        try:
            if wrapper is None:
                act()
            else:
                with connection.execute_wrapper(wrapper):
                    act()
        except Refused:
            code = 3
        except TheirFault:
            code = 4
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {0: "done", 3: "refused", 4: "failed", -signal.SIGKILL: "killed"}[code]


def point_by_point(act: Callable[[int], object]) -> None:
    """Kill a child before each statement of `act` in turn, until one lives.

    `act` is told the number.
    """
    for number in range(1_000):
        ended = in_child(lambda at=number: act(at), at_statement(number, die))  # type: ignore[misc]
        print(ended, flush=True)
        sys.stdin.readline()  # the test looks at what is there now
        if ended == "done":
            return


def fail() -> NoReturn:
    """Fail as anything may."""
    raise TheirFault


def press_all(campaign_id: int, now: datetime, people: list[int]) -> None:
    """Let everybody press, one after the other, each in a process that may die."""
    from perks import claims

    dice = random.Random(now.isoformat())

    def press(user_id: int) -> None:
        one = claims.hold(user_id=user_id, campaign_id=campaign_id, key="k", now=now)
        claims.claim(user_id=user_id, ref=one.ref, now=now)

    for number, user_id in enumerate(people):
        fate, at = FATES.get(number % 20), dice.randrange(15, 40)
        wrapper = None if fate is None else at_statement(at, fate)
        print(in_child(lambda who=user_id: press(who), wrapper), flush=True)  # type: ignore[misc]


# Of twenty one is killed, and six fail.
FATES = {0: fail, 2: die, 4: fail, 7: fail, 11: fail, 14: fail, 17: fail}


def main(act: str, *arguments: str) -> None:
    """See above."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")
    django.setup()
    from django.conf import settings

    from perks import claims
    from perks.work import HANDLERS
    from scoring import jobs

    now = datetime.fromisoformat(arguments[1])
    if act == "claim":
        user_id, ref = int(arguments[2]), arguments[0]
        point_by_point(lambda _at: claims.claim(user_id=user_id, ref=ref, now=now))  # type: ignore[arg-type]
    elif act == "mail":
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = arguments[0]
        kinds = {kind: HANDLERS[kind] for kind in HANDLERS if kind == "letter"}

        def send(at: int) -> None:
            """Take over from whoever died before, once their lease ran out."""
            then = now + (at + 1) * 2 * jobs.LEASE
            jobs.sweep(now=then)
            jobs.run_next(clock=lambda: then, handlers=kinds)

        point_by_point(send)
    else:
        press_all(int(arguments[0]), now, [int(one) for one in arguments[2:]])


if __name__ == "__main__":
    main(*sys.argv[1:])
