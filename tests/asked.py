"""A request as a server of ours got it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    body: bytes = b""
    raw_query: str = ""  # where a name may stand more than once
    address: str = ""  # all of it, as a client would ask for it
