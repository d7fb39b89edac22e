"""One module a network; this registry says which there are."""

from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import cast

from django.conf import settings

from accounts.connectors.base import Code, Connector, ConnectorError, SignIn
from accounts.connectors.setup import Config
from accounts.speech import say

# Network -> "module:class". Imported on use, so that a switched-off network costs nothing.
_WHERE = {
    "facebook": "accounts.connectors.facebook:Facebook",
    "instagram": "accounts.connectors.instagram:Instagram",
    "threads": "accounts.connectors.threads:Threads",
    "bluesky": "accounts.connectors.bluesky:Bluesky",
    "github": "accounts.connectors.github:GitHub",
    "linkedin": "accounts.connectors.linkedin:LinkedIn",
    "mastodon": "accounts.connectors.mastodon:Mastodon",
    "reddit": "accounts.connectors.reddit:Reddit",
    "sandbox": "accounts.sandbox.connector:SandboxConnector",
    "tiktok": "accounts.connectors.tiktok:TikTok",
    "x": "accounts.connectors.x:X",
    "youtube": "accounts.connectors.youtube:YouTube",
}

# Networks that sign people in and are not read: no page lists them among what can be linked.
_SIGN_IN_ONLY = {"oidc": "accounts.connectors.oidc:OpenIDConnect"}

# Networks that are not at one address: forms ask for the server, or whose account it is, first.
OF_MANY_SERVERS = ("mastodon", "bluesky")

# Networks where everybody may read what we read: a key that died there stops no reading, until it
# has proven for that long no more whose account it is.
SHOWN_TO_ALL = {"bluesky": timedelta(days=180)}

# Networks with the usual OAuth at one address: accounts.providers.networks signs in with them.
SIGN_IN: tuple[str, ...] = (
    "facebook",
    "instagram",
    "threads",
    "github",
    "linkedin",
    "reddit",
    "tiktok",
    "x",
    "youtube",
    *_SIGN_IN_ONLY,
)

# Networks whose accounts may also be found, and read, through another one.
READ_THROUGH = frozenset({"instagram"})

# Networks that are shown but stay out of the score, unless this option of their set-up is on.
OUT_OF_SCORE_UNLESS = {"youtube": "in_score"}

# How long what a network shows may be kept without being read again (scoring.keeping).
KEPT_AT_MOST = {"youtube": timedelta(days=30)}

# Networks where ending one token ends that one alone. Elsewhere it may end all of the person's.
ENDS_ONE_TOKEN = frozenset({"bluesky", "github", "mastodon", "sandbox"})


def get(network: str, *, via: str = "") -> Connector:
    """Return the connector of `network`, with the keys of `via` where it is read through that one.

    Raises KeyError when there is none, and ConnectorError with Code.APP_CONFIG when this site has
    switched the network off: links from before that are still there.
    """
    if network not in _WHERE:
        raise KeyError(network)
    keys = via or network
    if not has(keys):
        raise ConnectorError(
            Code.APP_CONFIG,
            say(
                "The {keys} is switched off here. Nothing to do; what was read stays as it is.",
                keys=keys,
            ),
        )
    return connector_for(settings.NETWORKS.get(keys) or Config(keys), network)


@cache
def connector_for(config: Config, network: str = "") -> Connector:
    """Return the connector of `network` (that of `config`) with these keys and addresses."""
    module, _, name = (_WHERE | _SIGN_IN_ONLY)[network or config.network].partition(":")
    return cast("Connector", getattr(import_module(module), name)(config))


def sign_in(network: str) -> SignIn:
    """Return the connector of one of SIGN_IN; raises as `get` does."""
    if network in _SIGN_IN_ONLY and signs_in(network):
        return cast("SignIn", connector_for(settings.NETWORKS[network]))
    return cast("SignIn", get(network))


def signs_in(network: str) -> bool:
    """Tell whether people can sign in with `network` here, one of SIGN_IN."""
    return has(network) or (network in _SIGN_IN_ONLY and network in settings.NETWORKS)


def has(network: str) -> bool:
    """Tell whether `network` can be read here: archives never can, the others may be off."""
    if network == "sandbox":
        return bool(settings.SANDBOX)
    return network in _WHERE and network in settings.NETWORKS


def is_off(network: str, *, via: str = "") -> bool:
    """Tell whether this site has switched off a network that it could read (through `via`)."""
    return network in _WHERE and not has(via or network)


def daily(network: str) -> timedelta | None:
    """Return the age up to which posts are read daily, and older ones weekly; None for all."""
    return get(network).daily if has(network) else None


def is_scored(network: str) -> bool:
    """Tell whether what is read of `network` goes into the score, or is only shown."""
    option, config = OUT_OF_SCORE_UNLESS.get(network), settings.NETWORKS.get(network)
    return option is None or (config is not None and config.is_on(option))


def unscored() -> tuple[str, ...]:
    """Return the networks that are only shown."""
    return tuple(network for network in OUT_OF_SCORE_UNLESS if not is_scored(network))


def policy_of(network: str) -> str:
    """Return the rule of a network about its numbers, or "" for none."""
    return say(get(network).policy) if has(network) else ""


def names() -> tuple[str, ...]:
    """Return every network that can be read here."""
    return tuple(network for network in _WHERE if has(network))
