"""Which hosts and addresses the site may open: public ones, by default nothing else.

Pure: no sockets, no settings. Source: IANA special-purpose address registries for IPv4 and IPv6.
"""

import ipaddress
import re
import unicodedata

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also a cloud's metadata service
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
# Everything else in IPv6 is mapped, translated, local or not handed out: none of it is a server.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label has no digits (or is xn--), which shuts out every spelling of an IPv4 address.
_NAME = re.compile(rf"(?=.{{4,253}}$)(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{2,59}})")
# Read differently by the two IDNA standards, so the same word could name two servers.
_DEVIANT = frozenset("\u00df\u03c2\u200c\u200d")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".onion", ".test", ".invalid")


class BadHost(ValueError):
    """A text is no public host name. `str(error)` says why."""


def is_public(address: Address) -> bool:
    """Tell whether `address` is a global unicast address outside every special block."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    if not address.is_global or address.is_multicast:
        return False
    return not any(address.version == block.version and address in block for block in _SPECIAL)


def host_name(text: str) -> str:
    """Return the host name in `text` in lower-case ASCII, without a trailing dot.

    Raises BadHost for IP addresses in any spelling, ports, local names and everything else that is
    no public name.
    """
    name = unicodedata.normalize("NFKC", text[:300]).strip().lower().removesuffix(".")
    if len(name) > 253 or _DEVIANT & set(name):
        raise BadHost("it is too long or has letters that two standards read differently")
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadHost("it is not a host name") from error
    if not _NAME.fullmatch(name):
        raise BadHost("it is not a host name")
    if name.endswith(_LOCAL_SUFFIXES):
        raise BadHost("it is a local name")
    return name
