"""This site as an app at Facebook: who it speaks for, with which version, and what it may ask.

Facebook pages and the Instagram accounts that belong to them are read through it.
"""

from collections.abc import Mapping
from datetime import datetime

from accounts.connectors import http, oauth, shapes
from accounts.connectors.base import Code, ConnectorError, Tokens
from accounts.connectors.meta import Graph, said_by, usage
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import say

NAME = "Facebook"


class App:
    """The app whose keys `config` holds."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._base = f"{config.url('api')}/{config.option('version')}"

    def graph(self, token: str, now: datetime | None) -> Graph:
        """Return a way to speak with a token of a person or a page."""
        return Graph(self._base, token, name=NAME, now=now, proof_key=self._config.client_secret)

    def tokens(self, form: Mapping[str, str], *, now: datetime, secret: str) -> Tokens:
        """Return what the token address gives; `secret` is what `form` must keep to itself."""
        keys = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
        }
        url = f"{self._base}/oauth/access_token"
        answer = http.fetch("POST", url, form={**keys, **form}, judge=False)
        _used, regain = usage(answer.headers)
        secrets = (secret, self._config.client_secret)
        return oauth.tokens_of(said_by(answer, name=NAME, now=now, regain=regain, secrets=secrets))

    def debugged(self, token: str, now: datetime) -> Record:
        """Return what Facebook knows of a token, asked in the name of this site.

        The token stands in the query: Facebook offers no other way to ask about one.
        """
        ours = f"{self._config.client_id}|{self._config.client_secret}"
        secrets = (token, self._config.client_secret)
        graph = Graph(self._base, ours, name=NAME, now=now, secrets=secrets)
        try:
            said = graph.get("/debug_token", {"input_token": token})
        except ConnectorError as error:
            if error.code not in {Code.EXPIRED, Code.REVOKED}:
                raise
            raise ConnectorError(  # the refusal is about our own key, not about the person's
                Code.APP_CONFIG,
                say("Facebook does not accept the key of this site."),
                raw=error.raw,
            ) from error
        return shapes.record(said.get("data"))
