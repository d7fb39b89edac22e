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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
    cookie: str = ""
    token: str = ""


@dataclass
class Went:
    """How it went: `outcomes`, one a person, and the seconds that each kind of request took.

    "press" says who is first, "claim" makes it theirs; "page" is what either leads to.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(
        default_factory=lambda: {"press": [], "claim": [], "page": []}
    )

    @contextmanager
    def timing(self, kind: str) -> Iterator[None]:
        """Keep how long a request of this kind takes."""
        began = time.perf_counter()
        yield
        self.took[kind].append(time.perf_counter() - began)


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
            answer = _ask(line, "GET", f"/perks/{slug}/", Person(session))
            (cookie,) = (_sent_back(one) for one in answer.cookies if "csrftoken" in one)
            found = TOKEN.search(answer.text)
            assert found, answer.text
            people.append(Person(session, cookie, found[1]))

    _over(port, sessions, connections, open_all)
    return people


def press(
    port: int, slug: str, people: Sequence[Person], *, connections: int, read: bool = True
) -> Went:
    """Let everybody press, beginning together, over so many connections that are kept.

    When all are answered, who holds one claims it, and the others read that the last one went
    (only where `read`).
    """
    went, led = Went(), dict[Person, Answer]()
    page, form = f"/perks/{slug}/", f"/perks/{slug}/claim/"

    def press_all(line: http.client.HTTPConnection, mine: Sequence[Person]) -> None:
        for one in mine:
            key = uuid.uuid4().hex
            with went.timing("press"):
                led[one] = _ask(line, "POST", f"{page}hold/", one, key=key)

    def go_on(line: http.client.HTTPConnection, mine: Sequence[Person]) -> None:
        for one in mine:
            outcome = f"{led[one].status} {led[one].to}"
            if outcome == f"302 {form}":
                outcome = _claim(line, form, one, went)
            elif outcome == f"302 {page}":
                outcome = _read(line, page, _told(one, led[one]), went) if read else "gone"
            went.outcomes[outcome] += 1

    _over(port, people, connections, press_all)
    _over(port, people, connections, go_on)
    return went


def _claim(line: http.client.HTTPConnection, form: str, one: Person, went: Went) -> str:
    """Claim what is held, by the form that the press led to."""
    with went.timing("page"):
        shown = _ask(line, "GET", form, one)
    ref = REF.search(shown.text)
    if ref is None:
        return f"{shown.status} without a form"
    with went.timing("claim"):
        done = _ask(line, "POST", form, one, ref=ref[1])
    mine = done.status == 302 and done.to.startswith("/perks/mine/")
    return "claimed" if mine else f"claim: {done.status} {done.to}"


def _told(one: Person, answer: Answer) -> Person:
    """Return somebody with the cookies of an answer, in which it says what the next page shows."""
    return replace(one, cookie="; ".join([one.cookie, *map(_sent_back, answer.cookies)]))


def _sent_back(cookie: str) -> str:
    """Return as much of a cookie as a browser sends back."""
    return cookie.partition(";")[0]


def _read(line: http.client.HTTPConnection, page: str, one: Person, went: Went) -> str:
    """Read what the page says to who was too late."""
    with went.timing("page"):
        told = _ask(line, "GET", page, one)
    return "gone" if told.status == 200 and GONE in told.text else f"{told.status} without news"


def _ask(
    line: http.client.HTTPConnection, method: str, path: str, one: Person, **sent: str
) -> Answer:
    cookies = {"Cookie": "; ".join(filter(None, [f"sessionid={one.session}", one.cookie]))}
    if method == "GET":
        line.request(method, path, headers=cookies)
    else:
        body = urlencode({"csrfmiddlewaretoken": one.token, **sent})
        line.request(method, path, body, cookies | FORM)
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
