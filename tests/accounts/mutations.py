"""Answers of networks with something odd in them, and what any reading of them must keep to."""

import copy
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from accounts.connectors.base import ConnectorError, Kind, Reading

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**70, 1.5, 1e300, "", " ", "0", "-7", "x" * 700, "9" * 30, "\x00",
    "a\ud800b", "<b>", "../..", "javascript:alert(1)", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00", "not a time", [], {}, [[]], [None], {"id": None}, ["x"] * 3,
)  # fmt: skip
_GONE = object()


def odd(draw: st.DataObject, value: Any) -> Any:
    """Return `value` with one to three of its parts replaced by something odd, or taken away."""
    made = copy.deepcopy(value)
    for _ in range(draw.draw(st.integers(1, 3))):
        places = list(_places(made))
        if not places:
            break
        holder, key = draw.draw(st.sampled_from(places))
        new = draw.draw(st.sampled_from([*_ODD, _GONE]))
        if new is _GONE:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(new)
    return made


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key) inside of parsed JSON."""
    keys = value if isinstance(value, dict) else range(len(value)) if _is_list(value) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def read_or_refused(read: Callable[[], Reading], *, now: datetime) -> str:
    """Read, and check what comes of it: "read" for a sound reading, else the code of the error."""
    try:
        reading = read()
    except ConnectorError as refused:
        return refused.code.value if str(refused).endswith(".") else "not a sentence"
    check_sound(reading, now)
    return "read"


def check_sound(reading: Reading, now: datetime) -> None:
    """Check everything that ingest relies on."""
    ids = {post.external_id for post in reading.posts}
    for post in reading.posts:
        assert post.external_id.isprintable()
        assert 0 < len(post.external_id) <= 191
        assert post.created_at <= now
        assert not {"\x00", "\ud800"} & set(post.text)
        assert post.url == "" or post.url.startswith(("https://", "http://"))
        for kind, count in post.counts.items():
            assert isinstance(kind, Kind)
            assert count is None or 0 <= count <= 2**53
    for act in reading.interactions:
        assert 0 < len(act.actor_id) <= 191
        assert act.at <= now
        assert act.post_id == "" or act.post_id in ids
    assert reading.followers is None or reading.followers >= 0
    assert all(number > 0 for number in reading.left_out.values())
    assert all(words.endswith(".") for words in reading.limited)
