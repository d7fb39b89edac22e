"""Places that the site must never open, in every spelling, and lookups that point at them."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

PUBLIC = "8.8.8.8"

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "127.0.0.1", "127.1.2.3", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.0.9", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1",
    "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2620:4f:8000::1",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip

SPELLINGS = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
    "https://127.0.0.1./", "https://localhost/", "https://localhost./", "https://LOCALHOST/",
    "https://printer.local/", "https://db.internal/", "https://router.home.arpa/",
    "https://a.localhost/", "https://single/", "http://public.example/",
    "https://public.example:8443/", "https://public.example:22/", "https://public.example:0/",
    "https://public.example:99999/", "https://user@public.example/",
    "https://user:word@public.example/", "https://public.example@127.0.0.1/",
    "https://127.0.0.1#@public.example/", "https://127.0.0.1\\@public.example/",
    "https://public.example\r\nX-Evil: 1/", "https://public.example/a b", "https://[::1",
    "https:///path", "https://", "//public.example/", "ftp://public.example/",
    "file:///etc/passwd", "gopher://public.example/", "https://１２７.０.０.１/",
    "https://ⓛocalhost/", "https://public\u3002example/", "https://%31%32%37.0.0.1/",
    "https://_dmarc.example/", "https://-a.example/", "https://a..example/",
    f"https://{'a' * 64}.example/", f"https://{'a.' * 130}example/", "https://x.onion/",
]  # fmt: skip


def resolving(*rounds: list[str]) -> tuple[Callable[..., list[Any]], list[str]]:
    """Return a stand-in for the system's lookup, with one list of answers a call, and its log."""
    asked: list[str] = []

    def lookup(host: str, port: int, *_: object, **__: object) -> list[Any]:
        given_now = rounds[min(len(asked), len(rounds) - 1)]
        asked.append(host)
        family = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (family[ipaddress.ip_address(a).version], socket.SOCK_STREAM, 6, "", (a, port))
            for a in given_now
        ]

    return lookup, asked
