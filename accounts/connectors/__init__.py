"""One module a network; this registry says which there are."""

from functools import cache
from importlib import import_module
from typing import cast

from accounts.connectors.base import Connector

# Network -> "module:object". Imported on use, so that a switched-off network costs nothing.
_WHERE = {
    "mastodon": "accounts.connectors.mastodon:connector",
    "sandbox": "accounts.sandbox.connector:connector",
}

# Networks that are not at one address: forms ask for the server first.
OF_MANY_SERVERS = ("mastodon",)

# Networks where ending one token ends that one alone. Elsewhere it may end all of the person's.
ENDS_ONE_TOKEN = frozenset({"mastodon", "sandbox"})


@cache
def get(network: str) -> Connector:
    """Return the connector of `network`. Raises KeyError when there is none."""
    module, _, name = _WHERE[network].partition(":")
    return cast("Connector", getattr(import_module(module), name))


def has(network: str) -> bool:
    """Tell whether `network` can be read by a connector (archives cannot)."""
    return network in _WHERE


def names() -> tuple[str, ...]:
    """Return every network that has a connector."""
    return tuple(_WHERE)
