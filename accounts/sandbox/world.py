"""The made-up network as a function of time: pure, deterministic, the same in every process.

What happened by a moment never changes afterwards; asking at a later `now` only adds. A place's day
is drawn from a generator seeded with (place, local day), so any stretch of time can be worked out
by itself. Shapes follow what was measured on real networks: engagement per post log-normal (over
everybody, the top 1 % of posts hold about a third), delays log-normal with a median of about an
hour and nine in ten within 14 hours, people post more on some days than on others.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from accounts.sandbox.people import Person, Place, people, places, rng
from accounts.sandbox.words import COMMON, INTERESTS, PLACES, REPLIES

KINDS = ("like", "reply", "repost", "quote", "mention")
_MIX = np.array([0.74, 0.12, 0.09, 0.02, 0.03])  # of acts by people of this world
_STRANGER_MIX = np.array([0.8, 0.09, 0.09, 0.02, 0.0])  # nobody counts mentions by strangers

# Engagement of a post: ln E = ln(0.22 * audience^0.65) + what the week brings + N(0, 1.35).
_PER_AUDIENCE, _AUDIENCE_POWER, _SPREAD = 0.22, 0.65, 1.35
_FOLLOWERS_A_LIST = 40
_KNOWN_HALF = 60.0  # a post with E acts has E / (1 + E / 60) of them by people of this world
_DELAY_MU = math.log(1.1 * 3600)  # seconds
_DELAY_SIGMA = 1.96
_DELAY_MAX = 40 * 86_400.0
_REPLY_SHARE, _REPLY_PULL = 0.14, 0.2  # share of posts that are replies; they move fewer people
_HOURS = ((9.3, 1.6, 0.4), (13.2, 1.2, 0.25), (19.6, 1.7, 0.35))  # local mean, spread, share


@dataclass(frozen=True, slots=True)
class Act:
    """Something a known person did about a post."""

    id: str
    actor: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WorldPost:
    """A post with everything that will ever happen to it; `acts` in order of time."""

    id: str
    place: str
    at: datetime
    text: str
    kind: str  # "original" or "reply"
    public: bool
    acts: tuple[Act, ...]
    strangers: tuple[int, ...]  # in the end, by KINDS

    def acts_by(self, now: datetime) -> tuple[Act, ...]:
        """Return what known people have done until `now`."""
        return tuple(act for act in self.acts if act.at <= now)

    def counts(self, now: datetime) -> dict[str, int]:
        """Return the network's counts at `now`, strangers included; mentions are not counted."""
        arrived = _share_arrived((now - self.at).total_seconds())
        known = [act.kind for act in self.acts if act.at <= now]
        return {
            kind: known.count(kind) + math.floor(total * arrived)
            for kind, total in zip(KINDS, self.strangers, strict=True)
            if kind != "mention"
        }


def posts(place_id: str, *, since: datetime, now: datetime) -> list[WorldPost]:
    """Return the posts of a place with `since` <= time <= `now`, oldest first."""
    place = places()[place_id]
    begin = max(since, place.since)
    days = range((begin - timedelta(days=1)).toordinal(), (now + timedelta(days=1)).toordinal() + 1)
    found = (post for ordinal in days for post in _day(place_id, ordinal))
    return sorted((p for p in found if begin <= p.at <= now), key=lambda p: (p.at, p.id))


def newest(place_id: str, *, now: datetime, most: int) -> list[WorldPost]:
    """Return up to `most` public posts of the last half year, newest first."""
    recent = posts(place_id, since=now - timedelta(days=180), now=now)
    return [one for one in reversed(recent) if one.public][:most]


def post(post_id: str, *, now: datetime) -> WorldPost | None:
    """Return one post by its id, None when there is none (yet)."""
    place_id, _, rest = post_id.partition("~")
    day, _, _ = rest.partition("~")
    if place_id not in places() or not (day.isascii() and day.isdigit() and len(day) < 8):
        return None
    if not places()[place_id].since.toordinal() <= int(day) <= now.toordinal() + 1:
        return None
    return next((p for p in _day(place_id, int(day)) if p.id == post_id and p.at <= now), None)


def followers(what: Person | Place, *, now: datetime) -> int:
    """Return how many follow a person or place at `now`: grows, and levels off over years."""
    return max(1, round(what.followers * _growth(what.since, now)))


def listed(place: Place, *, now: datetime) -> int:
    """Return on how many lists of others a place stands: one for each so many followers."""
    return followers(place, now=now) // _FOLLOWERS_A_LIST


def activity(place_id: str, *, now: datetime) -> tuple[int, datetime | None]:
    """Return (posts in the last 90 days, time of the last post in a year, None without one)."""
    recent = posts(place_id, since=now - timedelta(days=90), now=now)
    if recent:
        return len(recent), recent[-1].at
    older = posts(place_id, since=now - timedelta(days=365), now=now)
    return 0, older[-1].at if older else None


@lru_cache(maxsize=4096)  # about 4 kB each for an active page: at most some 16 MB
def _day(place_id: str, ordinal: int) -> tuple[WorldPost, ...]:
    """Return the posts that a place makes on a local day, with all that ever happens to them."""
    place = places()[place_id]
    day = date.fromordinal(ordinal)
    random = rng("day", place_id, ordinal)
    lively = _week(place_id, ordinal // 7)
    made = _how_many(place, day, lively, random)
    return tuple(
        _post(place, day, index, lively, rng("post", place_id, ordinal, index))
        for index in range(made)
    )


def _how_many(place: Place, day: date, lively: float, random: np.random.Generator) -> int:
    if place.every:
        offset = sum(map(ord, place.id)) % place.every
        return int(day.toordinal() % place.every == offset)
    weekend = day.weekday() >= 5
    rhythm = (0.5 if place.kind == "page" else 1.15) if weekend else 1.1
    return int(random.poisson(place.rate * rhythm * min(1.6, lively)))


def _post(
    place: Place, day: date, index: int, lively: float, random: np.random.Generator
) -> WorldPost:
    post_id = f"{place.id}~{day.toordinal()}~{index}"
    at = _moment(place, day, random)
    is_reply = not place.every and random.random() < _REPLY_SHARE
    weekend = 0.8 if day.weekday() >= 5 else 1.0
    audience = place.followers * _growth(place.since, at)
    middle = _PER_AUDIENCE * audience**_AUDIENCE_POWER * lively * weekend
    pull = _REPLY_PULL if is_reply else 1.0
    engagement = math.exp(math.log(middle * pull) + random.normal(0, _SPREAD))
    acts = _acts(post_id, place, at, engagement, random)
    strangers = random.multinomial(max(0, round(engagement) - len(acts)), _STRANGER_MIX)
    return WorldPost(
        id=post_id,
        place=place.id,
        at=at,
        text=_text(place, is_reply, random),
        kind="reply" if is_reply else "original",
        public=bool(random.random() < place.open_to_all),
        acts=acts,
        strangers=tuple(map(int, strangers)),
    )


def _acts(
    post_id: str, place: Place, at: datetime, engagement: float, random: np.random.Generator
) -> tuple[Act, ...]:
    """Return what people of this world do about a post, the likeliest of them first to choose."""
    names, weights = _audience(place.id)
    many = min(len(names), int(random.poisson(engagement / (1 + engagement / _KNOWN_HALF))))
    if not many:
        return ()
    # Gumbel top-k: a draw without replacement by weight.
    chosen = np.argpartition(-(weights + random.gumbel(size=len(names))), many - 1)[:many]
    kinds = random.choice(len(KINDS), size=many, p=_MIX)
    again = np.flatnonzero((random.random(many) < 0.1) & (kinds == 0))  # liked, and answered too
    who = np.concatenate([chosen, chosen[again]])
    what = np.concatenate([kinds, np.full(len(again), KINDS.index("reply"))])
    delays = np.exp(random.normal(_DELAY_MU, _DELAY_SIGMA, len(who))).clip(20, _DELAY_MAX)
    acts = [
        Act(
            f"{post_id}~{number}",
            names[person],
            KINDS[kind],
            at + timedelta(seconds=int(delay)),
        )
        for number, (person, kind, delay) in enumerate(zip(who, what, delays, strict=True))
    ]
    return tuple(sorted(acts, key=lambda act: (act.at, act.id)))


@cache
def _audience(place_id: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Return who may react to a place and the logarithm of how readily: a few are loyal."""
    place = places()[place_id]
    others = [person for person in people().values() if person.id != place.owner]
    random = rng("audience", place_id)
    shared = np.array([len(set(person.interests) & set(place.interests)) for person in others])
    reacts = np.array([person.reacts for person in others])
    loyal = random.normal(0, 0.9, len(others))
    return tuple(p.id for p in others), np.log(reacts * (1 + 1.5 * shared)) + loyal


@lru_cache(maxsize=4096)
def _week(place_id: str, week: int) -> float:
    """Return how lively a week of a place is: a slow swing, and now and then a burst."""
    random = rng("week", place_id, week)
    phase = rng("phase", place_id).random()
    swing = math.exp(0.25 * math.sin(2 * math.pi * (week / 25 + phase)))
    burst = 2.5 if random.random() < 0.08 else 1.0
    return swing * burst


def _growth(since: datetime, now: datetime) -> float:
    years = max(0.0, (now - since).total_seconds()) / (365.25 * 86_400)
    return 1 - 0.9 * math.exp(-years / 2)


def _share_arrived(seconds: float) -> float:
    """Return the share of a post's strangers who came within so many seconds, 0..1."""
    if seconds <= 0:
        return 0.0
    if seconds >= _DELAY_MAX:
        return 1.0
    z = (math.log(seconds) - _DELAY_MU) / _DELAY_SIGMA
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _moment(place: Place, day: date, random: np.random.Generator) -> datetime:
    """Return a likely moment of a local day, in UTC, to the second."""
    means, spreads, shares = zip(*_HOURS, strict=True)
    part = int(random.choice(len(_HOURS), p=shares))
    hour = min(23.9, max(0.1, random.normal(means[part], spreads[part])))
    local = datetime.combine(day, time(), tzinfo=ZoneInfo(place.zone))
    return local.astimezone(UTC) + timedelta(seconds=int(hour * 3600))


def _text(place: Place, is_reply: bool, random: np.random.Generator) -> str:
    # The first interest of a place is what it is mostly about.
    shares = np.array([3.0, 1.5, 1.0][: len(place.interests)])
    interest = INTERESTS[place.interests[random.choice(len(shares), p=shares / shares.sum())]]
    lines = REPLIES if is_reply else (*interest.lines, *interest.lines, *COMMON)
    first, second = random.choice(len(interest.things), size=2, replace=False)
    text = lines[random.integers(len(lines))].format(
        a=interest.things[first],
        b=interest.things[second],
        n=int(random.integers(2, 19)),
        p=PLACES[random.integers(len(PLACES))],
    )
    return text[0].upper() + text[1:]
