"""What the fakes of Facebook, Instagram and Threads share: errors, paging, metrics, windows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.accounts.fakes.base import Fake
from tests.fault_server import Asked, reply

Made = dict[str, Any]


def refusal(
    code: int, message: str = "Said by Meta", *, sub: int = 0, status: int = 400, **more: Any
) -> bytes:
    """Return an error answer of the Graph API."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Abc"}
    return reply({"error": error | ({"error_subcode": sub} if sub else {}) | more}, status=status)


def unix(asked: Asked, name: str, default: float) -> float:
    """Return a time in the query as seconds since 1970."""
    return float(asked.query.get(name, default))


def bearer(asked: Asked) -> str:
    """Return the token a call came with."""
    return asked.headers.get("authorization", "").removeprefix("Bearer ")


class MetaFake(Fake):
    """A host of the Graph API. `alive` holds the tokens it knows; others get 190."""

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.alive: set[str] = set()
        self.usage: dict[str, str] = {}  # headers that go with every answer
        self.retired: set[str] = set()  # metrics that are known no more

    def written(self, *, days: float = 0) -> str:
        """Return the time that many days before the fake was made, as Meta writes it."""
        return f"{self.now - timedelta(days=days):%Y-%m-%dT%H:%M:%S+0000}"

    def serve(self, path: str, route: Callable[[Asked], bytes]) -> None:
        """Answer a path to whoever has a token that is alive."""
        self.server.routes[path] = lambda asked: (
            route(asked)
            if bearer(asked) in self.alive
            else refusal(190, "Error validating access token", status=401)
        )

    def said(self, body: Any) -> bytes:
        """Return an answer with the headers of this host."""
        return reply(body, **self.usage)

    def paged(self, asked: Asked, items: list[Made]) -> bytes:
        """Return a page of `items`, with a next link as long as there are more."""
        start, size = int(asked.query.get("after", 0)), int(asked.query.get("limit", 25))
        body: Made = {"data": items[start : start + size]}
        if start + size < len(items):
            following = f"access_token=canary&limit={size}&after={start + size}"
            address = self.server.url(f"{asked.path}?{following}")
            body["paging"] = {"cursors": {"after": str(start + size)}, "next": address}
        return self.said(body)

    def windowed(self, asked: Asked, items: list[Made], when: str) -> bytes:
        """Return a page of the items whose time lies in the window that was asked for."""
        since = unix(asked, "since", 0)
        until = unix(asked, "until", (self.now + timedelta(days=1)).timestamp())
        inside = [
            item
            for item in items
            if since <= datetime.fromisoformat(item[when]).timestamp() <= until
        ]
        return self.paged(asked, inside)

    def metrics(self, asked: Asked, values: dict[str, int], *, total: bool = False) -> bytes:
        """Return metrics; one that is unknown voids the answer, as it does there."""
        names = asked.query["metric"].split(",")
        if wrong := [name for name in names if name in self.retired or name not in values]:
            return refusal(
                100, f"(#100) metric[{names.index(wrong[0])}] must be one of the following values"
            )
        held = [
            {"name": name, "period": "lifetime", "total_value": {"value": values[name]}}
            if total
            else {"name": name, "period": "lifetime", "values": [{"value": values[name]}]}
            for name in names
        ]
        return self.said({"data": held})
