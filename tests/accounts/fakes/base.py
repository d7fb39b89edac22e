"""What every fake network offers to the tests that try all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

from accounts.connectors import connector_for
from accounts.connectors.base import Access, Code, Connector
from accounts.connectors.setup import Config
from tests.fault_server import FaultServer


@dataclass(frozen=True)
class Sign:
    """One way in which a network says what is wrong, and the code it stands for.

    `stage` says when it comes: "link" (exchange, identity, targets), "refresh" or "read". `path` is
    answered with `answer`, a whole HTTP answer as tests.fault_server.reply makes them.
    """

    name: str
    stage: str
    path: str
    answer: bytes
    code: Code


class Fake:
    """A network with one person in it. Use it with `with`, or call `stop`.

    A healthy fake lets `exchange`, `identity`, `targets`, `read`, `newest` and, where the network
    can renew, `refresh` pass with `access()`.
    """

    network: ClassVar[str]
    target_id: ClassVar[str]  # what `targets` lists and `read` reads
    code: ClassVar[str] = "good-code"  # what `exchange` takes
    signs: ClassVar[tuple[Sign, ...]] = ()
    # Paths asked at each stage, so that faults can be put in the way: "link", "refresh", "read".
    stages: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self) -> None:
        self.server = FaultServer()

    def config(self) -> Config:
        """Return the configuration that points at this fake."""
        raise NotImplementedError

    def access(self) -> Access:
        """Return an access that the fake accepts."""
        raise NotImplementedError

    def connector(self) -> Connector:
        """Return the product's connector, pointed at this fake."""
        return connector_for(self.config())

    def answer(self, path: str, route: Callable[[], bytes]) -> None:
        """Answer `path` with `route` from now on."""
        self.server.routes[path] = lambda _asked: route()

    def stop(self) -> None:
        """Close the server."""
        self.server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
