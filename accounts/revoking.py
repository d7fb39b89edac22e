"""Ends an access at its network when its grant is gone here already."""

from collections.abc import Mapping

from accounts import connectors, sealing, unlinking
from accounts.connectors.base import Access
from accounts.providers.mastodon import registry

_PLACE = "revoke"
_SEALED = ("sealed", "sealed_key", "sealed_refresh")


def needs_older_key(waiting: Mapping[str, str]) -> bool:
    """Tell whether what a request to revoke holds (the arguments of `revoke`) is sealed so."""
    prefix = sealing.current_prefix()
    values = [waiting.get(field, "") for field in _SEALED]
    return any(value and not value.startswith(prefix) for value in values)


def resealed(waiting: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments of `revoke` sealed with the first key. Raises sealing.CannotOpen."""
    opened = {
        field: sealing.unseal(waiting[field], bound_to=_PLACE)
        for field in _SEALED
        if field in waiting
    }
    return {**waiting, **{name: sealing.seal(key, bound_to=_PLACE) for name, key in opened.items()}}


def revoke(
    *,
    network: str,
    server: str,
    account_id: str,
    sealed: str,
    sealed_key: str = "",
    sealed_refresh: str = "",
) -> None:
    """Ask the network to forget an access; the arguments are those of signals.grant_dropped.

    Nothing is asked when a link holds the same token again. Raises sealing.CannotOpen when the
    token is lost, with any use of it, and ConnectorError.
    """
    token = sealing.unseal(sealed, bound_to=_PLACE)
    if unlinking.is_in_use(network=network, server=server, account_id=account_id, token=token):
        return
    access = Access(
        token=token,
        account_id=account_id,
        server=server,
        key=sealing.unseal(sealed_key, bound_to=_PLACE),
        refresh=sealing.unseal(sealed_refresh, bound_to=_PLACE),
    )
    if network == "mastodon":  # the client is a row of ours; no connector reads rows
        access = registry.known_as(access)
    connectors.get(network).revoke(access)
