"""Ends an access at its network when its grant is gone here already."""

from accounts import connectors, sealing, unlinking
from accounts.connectors.base import Access
from accounts.providers.mastodon import registry


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
    token = sealing.unseal(sealed, bound_to="revoke")
    if unlinking.is_in_use(network=network, server=server, account_id=account_id, token=token):
        return
    access = Access(
        token=token,
        account_id=account_id,
        server=server,
        key=sealing.unseal(sealed_key, bound_to="revoke"),
        refresh=sealing.unseal(sealed_refresh, bound_to="revoke"),
    )
    if network == "mastodon":  # the client is a row of ours; no connector reads rows
        access = registry.known_as(access)
    connectors.get(network).revoke(access)
