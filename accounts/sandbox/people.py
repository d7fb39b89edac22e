"""Who lives in the made-up network: people, and the places each of them may speak for.

Everything follows from names.py and a seed: every process on every machine knows the same people.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np

from accounts.sandbox.names import NAMES
from accounts.sandbox.words import INTERESTS
from accounts.speech import marked

SEED = "kloutsite sandbox 1"  # another seed is another world: stored readings would not fit it
NEWCOMER = "nora"  # whom the site offers to somebody who tries it
_FIRST_DAY = date(2019, 1, 1)
_LAST_DAY = date(2023, 6, 1)  # so that everybody has more than two years of posts


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up. `reacts`: how readily they react to others (1 is usual)."""

    id: str
    name: str
    handle: str
    zone: str
    since: datetime
    followers: int
    interests: tuple[str, ...]
    reacts: float
    line: str = ""  # what the consent page says about a featured person


@dataclass(frozen=True, slots=True)
class Place:
    """A profile or page of a person.

    `followers` is where its audience levels off; `rate` is posts a day, unless `every` sets one
    post in so many days; `open_to_all` is the share of posts that are public.
    """

    id: str
    owner: str
    kind: str
    title: str
    role: str
    since: datetime
    followers: int
    interests: tuple[str, ...]
    rate: float
    zone: str
    every: int = 0
    open_to_all: float = 1.0
    readable: bool = True
    note: str = ""


def rng(*what: object) -> np.random.Generator:
    """Return a generator that depends on `what` and the seed only, the same everywhere."""
    digest = hashlib.sha256("\x1f".join([SEED, *map(str, what)]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


@cache
def people() -> dict[str, Person]:
    """Return everybody by id: featured people first, then the others in the order of names.py."""
    featured = {person.id: person for person in _featured_people()}
    others = (_person(entry, zone) for zone, entries in NAMES.items() for entry in _split(entries))
    return featured | {person.id: person for person in others}


@cache
def places() -> dict[str, Place]:
    """Return every profile and page by id."""
    featured = {place.id: place for place in (*_places_of_newcomer(), *_places_of_other_featured())}
    owners = {place.owner for place in featured.values()}
    rest = (p for person in people().values() if person.id not in owners for p in _places(person))
    return featured | {place.id: place for place in rest}


@cache
def places_of(person_id: str) -> tuple[Place, ...]:
    """Return the places of a person, pages before the profile, largest first."""
    mine = [place for place in places().values() if place.owner == person_id]
    return tuple(sorted(mine, key=lambda p: (p.kind == "profile", not p.readable, -p.followers)))


def featured() -> tuple[Person, ...]:
    """Return the people that the consent page introduces."""
    return tuple(person for person in people().values() if person.line)


def _featured_people() -> tuple[Person, ...]:
    return (
        Person(
            NEWCOMER, "Nora Lindqvist", "nora.lindqvist", "Europe/Lisbon", _at(2019, 3, 4), 412,
            ("maps", "accessibility", "cycling"), 1.4,
            marked("Runs a map shop in Lisbon: three pages of different role, and a profile.").text,
        ),
        Person(
            "jun", "森田 潤 (Jun Morita)", "jun.morita", "Asia/Tokyo", _at(2020, 9, 14), 1_830,
            ("coffee", "cycling", "photography"), 1.1,
            marked("Roasts coffee. One profile, no pages, posts most days.").text,
        ),
        Person(
            "amara", "Amara Nwosu-Hale", "amara.cooks", "Africa/Lagos", _at(2019, 1, 20), 2_400_000,
            ("cooking", "music", "languages"), 0.3,
            marked(
                "Cooks for millions. A very large profile and a page of her kitchen school."
            ).text,
        ),
        Person(
            "priya", "Priya Ranganathan Bose", "priya.rb", "Asia/Kolkata", _at(2021, 5, 2), 9_600,
            ("accessibility", "software"), 1.6,
            marked("Teaches accessible design. A profile and one page, both active.").text,
        ),
        Person(
            "tomas", "Tomás Quiroga", "tomas.q", "America/Bogota", _at(2022, 2, 11), 38,
            ("birds",), 0.6,
            marked(
                "Posts about once a month: too little to work out a score, and the site says so."
            ).text,
        ),
    )  # fmt: skip


def _places_of_newcomer() -> tuple[Place, ...]:
    return (
        Place(
            "maproom-lisbon", NEWCOMER, "page", "Map Room Lisbon", "admin", _at(2020, 6, 9),
            6_700, ("maps", "books", "accessibility"), 0.78, "Europe/Lisbon",
        ),
        Place(
            "slow-atlas", NEWCOMER, "page", "The Slow Atlas", "editor", _at(2022, 1, 17),
            2_150, ("cycling", "maps", "trains"), 0.3, "Europe/Lisbon",
        ),
        Place(
            "kartor-coop", NEWCOMER, "page", "Kartor Co-op", "advertiser", _at(2019, 10, 1),
            3_900, ("maps", "woodwork"), 0.4, "Europe/Stockholm", readable=False,
            note="Your role there does not let us read posts. Ask its admin to make you an editor.",
        ),
        Place(
            NEWCOMER, NEWCOMER, "profile", "Nora Lindqvist", "", _at(2019, 3, 4),
            412, ("maps", "accessibility", "cycling"), 0.4, "Europe/Lisbon", open_to_all=0.3,
            note="Most posts here are for friends only and are not read: it would count little.",
        ),
    )  # fmt: skip


def _places_of_other_featured() -> tuple[Place, ...]:
    return (
        Place(
            "jun", "jun", "profile", "森田 潤 (Jun Morita)", "", _at(2020, 9, 14),
            1_830, ("coffee", "cycling", "photography"), 0.7, "Asia/Tokyo",
        ),
        Place(
            "amara-kitchen-school", "amara", "page", "Amara's Kitchen School", "admin",
            _at(2021, 8, 30), 310_000, ("cooking",), 0.6, "Africa/Lagos",
        ),
        Place(
            "amara", "amara", "profile", "Amara Nwosu-Hale", "", _at(2019, 1, 20),
            2_400_000, ("cooking", "music", "languages"), 1.3, "Africa/Lagos",
        ),
        Place(
            "skip-to-content", "priya", "page", "Skip to Content", "admin", _at(2022, 3, 1),
            14_800, ("accessibility", "software"), 0.5, "Asia/Kolkata",
        ),
        Place(
            "priya", "priya", "profile", "Priya Ranganathan Bose", "", _at(2021, 5, 2),
            9_600, ("accessibility", "software"), 0.8, "Asia/Kolkata",
        ),
        Place(
            "tomas", "tomas", "profile", "Tomás Quiroga", "", _at(2022, 2, 11),
            38, ("birds",), 0.0, "America/Bogota", every=31,
        ),
    )  # fmt: skip


def _person(entry: str, zone: str) -> Person:
    """Return the person of an entry of names.py. Followers are log-normal: a heavy tail."""
    name, _, handle = (part.strip() for part in entry.partition("="))
    handle = handle or _handle(name)
    random = rng("person", handle)
    days = int(random.integers((_LAST_DAY - _FIRST_DAY).days))
    picks = random.choice(len(INTERESTS), size=int(random.integers(1, 4)), replace=False)
    return Person(
        id=handle.replace(".", "-"),
        name=name,
        handle=handle,
        zone=zone,
        since=datetime(_FIRST_DAY.year, 1, 1, tzinfo=UTC) + timedelta(days=days),
        followers=int(np.exp(random.normal(5.6, 1.8))) + 8,
        interests=tuple(list(INTERESTS)[i] for i in picks),
        reacts=float(np.exp(random.normal(0, 0.7))),
    )


def _places(person: Person) -> list[Place]:
    """Return the profile of an ordinary person, and for one in six a page that they run."""
    random = rng("places", person.id)
    profile = Place(
        person.id, person.id, "profile", person.name, "", person.since, person.followers,
        person.interests, float(np.exp(random.normal(-1.1, 0.8))), person.zone,
        open_to_all=float(random.choice([1.0, 1.0, 0.9, 0.6])),
    )  # fmt: skip
    if random.random() > 1 / 6:
        return [profile]
    title = (
        f"{person.interests[0].title()} {random.choice(['Table', 'House', 'Weekly', 'Society'])}"
    )
    page = Place(
        f"{person.id}-page", person.id, "page", f"{title} by {person.name.split()[0]}",
        str(random.choice(["admin", "admin", "editor"])), person.since, person.followers * 3 + 40,
        person.interests[:1], float(np.exp(random.normal(-0.9, 0.6))), person.zone,
    )  # fmt: skip
    return [page, profile]


def _split(entries: str) -> list[str]:
    return [entry.strip() for entry in entries.replace("\n", " ").split(",") if entry.strip()]


def _handle(name: str) -> str:
    """Return first and last name in plain letters: "Łucja Zawadzka" -> "lucja.zawadzka"."""
    spelled = name.lower().translate(str.maketrans("łøıđ", "loid"))
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    words = plain.replace("-", "").split()
    return f"{words[0]}.{words[-1]}"


def _at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)
