"""A crowd at the pages of a perk: everybody presses at once, each as a browser with a session.

opened(port, slug, sessions)            everybody opens the page: their session, cookie and token
press(port, slug, people, connections)  everybody presses "Claim", and who holds one claims it
"""

import http.client
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
T = TypeVar("T")
GONE = "The last one went"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
REF = re.compile(r'name="ref" value="([\w-]+)"')


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in and looks at a page with a form."""

    session: str
    cookie: str
    token: str


@dataclass
class Went:
    """How it went: `outcomes`, one a person, and the seconds that each kind of request took.

    "press" says who is first, "claim" makes it theirs; "page" is read after it.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(
        default_factory=lambda: {"press": [], "claim": [], "page": []}
    )


class Answer:
    """What a page answered, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.to = response.headers.get("Location", "")
        self.cookies = response.headers.get_all("Set-Cookie") or []
        self.text = response.read().decode()


def opened(port: int, slug: str, sessions: Sequence[str], *, connections: int) -> list[Person]:
    """Open the page of a perk for everybody, as they do before they press."""
    people: list[Person] = []

    def open_all(line: http.client.HTTPConnection, mine: Sequence[str]) -> None:
        for session in mine:
            answer = _ask(line, "GET", f"/perks/{slug}/", f"sessionid={session}")
            (cookie,) = (one.partition(";")[0] for one in answer.cookies if "csrftoken" in one)
            found = TOKEN.search(answer.text)
            assert found, answer.text
            people.append(Person(session, cookie, found[1]))

    _over(port, sessions, connections, open_all)
    return people


def press(
    port: int, slug: str, people: Sequence[Person], *, connections: int, read: bool = True
) -> Went:
    """Let everybody press, beginning together, over so many connections that are kept.

    read: who is told that the last one went reads the page on which that stands.
    """
    went = Went()

    def press_all(line: http.client.HTTPConnection, mine: Sequence[Person]) -> None:
        for person in mine:
            went.outcomes[_press(line, slug, person, went.took, read=read)] += 1

    _over(port, people, connections, press_all)
    return went


def _press(
    line: http.client.HTTPConnection,
    slug: str,
    person: Person,
    took: dict[str, list[float]],
    *,
    read: bool,
) -> str:
    """Press and go where that leads: to the form that claims, or to the news that all are gone."""
    page, form = f"/perks/{slug}/", f"/perks/{slug}/claim/"

    def ask(kind: str, method: str, path: str, **sent: str) -> Answer:
        began = time.perf_counter()
        answer = _ask(
            line,
            method,
            path,
            f"sessionid={person.session}; {person.cookie}",
            **({"csrfmiddlewaretoken": person.token, **sent} if method == "POST" else {}),
        )
        took[kind].append(time.perf_counter() - began)
        return answer

    led = ask("press", "POST", f"{page}hold/", key=uuid.uuid4().hex)
    if (led.status, led.to) == (302, page):
        if not read:
            return "gone"
        told = ask("page", "GET", page)
        return "gone" if told.status == 200 and GONE in told.text else f"{page}: {told.status}"
    if (led.status, led.to) != (302, form):
        return f"press: {led.status} {led.to}"
    shown = ask("page", "GET", form)
    ref = REF.search(shown.text)
    if ref is None:
        return f"{form}: {shown.status}"
    done = ask("claim", "POST", form, ref=ref[1])
    mine = done.status == 302 and done.to.startswith("/perks/mine/")
    return "claimed" if mine else f"claim: {done.status} {done.to}"


def _ask(
    line: http.client.HTTPConnection, method: str, path: str, cookies: str, **sent: str
) -> Answer:
    line.request(method, path, urlencode(sent) if sent else None, {"Cookie": cookies} | FORM)
    return Answer(line.getresponse())


def _over(
    port: int,
    everybody: Sequence[T],
    connections: int,
    act: Callable[[http.client.HTTPConnection, Sequence[T]], None],
) -> None:
    """Let a thread a connection act for its share of the people, all beginning together."""
    begin, failed = threading.Barrier(connections), list[Exception]()

    def run(mine: Sequence[T]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            line.connect()
            begin.wait(60)
            act(line, mine)
        except Exception as error:  # noqa: BLE001 - raised below
            failed.append(error)
        finally:
            line.close()

    shares = [everybody[at::connections] for at in range(connections)]
    threads = [threading.Thread(target=run, args=(mine,)) for mine in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
