"""How much a program may ask: one count for a token or an address, shared by every process.

With a CACHE_URL the counts stand there, one for all machines; without, and while that does not
answer, in a file of this machine.
A limit counts within whole stretches of time, so that at their edge twice as much may pass.

Source of the header fields: draft-ietf-httpapi-ratelimit-headers-10.
"""

import contextlib
import functools
import ipaddress
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import caches

from scoring.counters import Counters

logger = logging.getLogger(__name__)

_SHARED = "shared"  # of CACHES: the one that says so when it is away
_LOOKS = 5  # at a count that ends between two steps, before the cache is not believed
_IPV6_NETWORK = 64  # bits: what one subscriber is given, who may use any address of it


@dataclass(frozen=True, slots=True)
class Limit:
    """So much within so many seconds. `name` tells limits apart, for programs too."""

    name: str
    number: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit after one more was asked. `wait`: seconds until it begins anew."""

    limit: Limit
    used: int
    wait: int

    @property
    def passes(self) -> bool:
        """Whether this one may be answered."""
        return self.used <= self.limit.number

    def headers(self) -> dict[str, str]:
        """Return the header fields that tell a program where it stands."""
        left = max(0, self.limit.number - self.used)
        told = {
            "RateLimit-Policy": f'"{self.limit.name}";q={self.limit.number};w={self.limit.seconds}',
            "RateLimit": f'"{self.limit.name}";r={left};t={self.wait}',
        }
        return told if self.passes else told | {"Retry-After": str(self.wait)}


def take(limit: Limit, who: str, *, now: float) -> Allowance:
    """Count that `who` asked once more and return what is left. now: seconds since 1970."""
    name, until, wait = _stretch(limit, who, now)
    if settings.CACHE_URL:
        with _unless_away():
            return Allowance(limit, _add_in_cache(f"{name}:{until}", wait), wait)
    return Allowance(limit, _counters().add(name, until=until, now=now), wait)


def look(limit: Limit, who: str, *, now: float) -> Allowance:
    """Return where `who` stands, and count nothing. now: seconds since 1970."""
    name, until, wait = _stretch(limit, who, now)
    if settings.CACHE_URL:
        with _unless_away():
            return Allowance(limit, int(caches[_SHARED].get(f"{name}:{until}", 0)), wait)
    return Allowance(limit, _counters().of(name, until=until), wait)


@contextlib.contextmanager
def _unless_away() -> Iterator[None]:
    """Go on after what is asked of the shared cache where it does not answer."""
    from redis.exceptions import RedisError  # nobody else needs it

    with contextlib.suppress(RedisError):
        yield


def _stretch(limit: Limit, who: str, now: float) -> tuple[str, int, int]:
    """Return the name of a count, the second in which it ends, and how many seconds that is."""
    until = (math.floor(now / limit.seconds) + 1) * limit.seconds
    return f"limit:{limit.name}:{limit.seconds}:{who}", until, max(1, math.ceil(until - now))


def take_public(meta: Mapping[str, Any], *, now: float) -> Allowance:
    """Count a request for what is public and asked for without a key, by its address."""
    return take(Limit("public", settings.PUBLIC_PER_MINUTE, 60), address_of(meta), now=now)


@functools.cache
def _counters() -> Counters:
    """Return the counts of this machine."""
    return Counters(settings.COUNTERS)


def _add_in_cache(key: str, seconds: int) -> int:
    """Count in the shared cache, where adding is one step for all who do it.

    One that forgets at once what it is told counts nobody: then every request is the first.
    """
    cache = caches[_SHARED]
    for _look in range(_LOOKS):
        if cache.add(key, 1, seconds + 1):
            return 1
        with contextlib.suppress(ValueError):  # it ended between the two
            return int(cache.incr(key))
    logger.warning("The shared cache keeps no count: limits let everything pass meanwhile.")
    return 1


def forget() -> None:
    """Forget what was counted on this machine."""
    _counters().forget()


def address_of(meta: Mapping[str, Any]) -> str:
    """Return whom a request without a token is counted for. meta: `request.META`, a WSGI environ.

    Behind TRUSTED_PROXIES it is what the first of them saw; whatever else is claimed of where a
    request comes from is not believed. IPv6: the network of a subscriber.
    """
    address = str(meta.get("REMOTE_ADDR") or "")
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR") or "")
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies and forwarded:
        hops = [hop.strip() for hop in forwarded.split(",")]
        address = hops[max(0, len(hops) - proxies)]
    return _counted_as(address)


@functools.lru_cache(4_096)
def _counted_as(address: str) -> str:
    """Return an address in its one spelling, or the network that it is counted with."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, _IPV6_NETWORK), strict=False))
    return str(known)
