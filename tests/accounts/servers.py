"""A server that speaks as Mastodon does, in the few words that signing in needs."""

from typing import Any

from accounts.providers.mastodon import registry
from tests.fault_server import FaultServer, reply


def serve_mastodon(server: FaultServer, **token: Any) -> None:
    """Make the fault server a Mastodon server on which everybody is account 1."""
    server.routes["/api/v2/instance"] = lambda asked: reply(
        {"domain": server.host, "version": "4.4.0"}
    )
    server.routes["/.well-known/oauth-authorization-server"] = lambda asked: reply(
        {"issuer": f"{server.url()}/", "scopes_supported": ["read", *registry.WANTED]}
    )
    server.routes["/api/v1/apps"] = lambda asked: reply(
        {"client_id": "ours", "client_secret": "canary-secret"}
    )
    answer = {"access_token": "canary-token", "token_type": "Bearer", "scope": "read", **token}
    server.routes["/oauth/token"] = lambda asked: reply(answer)
    server.routes["/api/v1/accounts/verify_credentials"] = lambda asked: reply(
        {"id": "1", "username": "nora", "email": "victim@example.org"}
    )
