"""What most networks have in common, for connectors to inherit; each may do better by itself."""
# ruff: noqa: ARG002 (signatures are those of accounts.connectors.base)

from collections.abc import Mapping
from datetime import datetime, timedelta

from accounts.connectors import http
from accounts.connectors.answers import date_in
from accounts.connectors.base import (
    Access,
    Cause,
    Code,
    ConnectorError,
    Identity,
    Inspection,
    Tokens,
)
from accounts.connectors.setup import Config
from accounts.speech import Marked, say

_DEAD = frozenset({Code.EXPIRED, Code.REVOKED})


class Common:
    """Defaults of a connector. `config` holds this site's keys and addresses for the network."""

    network = ""
    name = ""
    scopes: tuple[str, ...] = ()
    renew_before = timedelta(minutes=2)
    daily: timedelta | None = None
    policy: str | Marked = ""

    authorize_params: Mapping[str, str] = {}
    ask_again: Mapping[str, str] = {}
    separator = " "
    pkce = True
    nonce = False
    client_id_name = "client_id"

    def __init__(self, config: Config) -> None:
        self.config = config

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return who the access speaks for; each network asks in its own way."""
        raise NotImplementedError

    def inspect(self, access: Access, *, now: datetime) -> Inspection:
        """Return whether the network still answers this access; many have no introspection."""
        try:
            self.identity(access, now=now)
        except ConnectorError as error:
            if error.code not in _DEAD:
                raise
            return Inspection(active=False, words=error.raw or str(error))
        return Inspection(active=True)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Refuse: this network gives nothing to renew a token with."""
        raise ConnectorError(
            Code.EXPIRED, say("The access {name} gave has ended. Connect it again.", name=self.name)
        )

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return nothing: an access speaks for one account only."""
        return ()

    def server_time(self, access: Access, *, now: datetime) -> datetime | None:
        """Return the Date that the network's front address answers with."""
        try:
            answer = http.fetch("GET", self.front(access), now=now)
        except http.Redirected:
            return None  # front doors send visitors on to their pages for people: it answers
        return date_in(answer.headers.get("date", ""))

    def front(self, access: Access) -> str:
        """Return an address that answers quickly and needs no token."""
        return self.config.url("api") + "/" if self.config.addresses else access.server + "/"
