"""Readers of other people's JSON: what is odd counts as not told, and nothing unsafe gets in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.connectors import shapes
from accounts.connectors.base import Code, ConnectorError

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=400)


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), (7, 7), ("12", 12), (2**53, 2**53), (2**53 + 1, None), (-1, None), (1.5, None),
     (True, None), ("-1", None), ("१२", 12), ("9" * 16, None), (None, None), ([], None)],
)  # fmt: skip
def test_a_count_is_a_whole_number_or_not_told(value: Any, number: int | None) -> None:
    assert shapes.count({"n": value}, "n") == number


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-08-01T13:51:39.138Z", datetime(2026, 8, 1, 13, 51, 39, 138_000, UTC)),
        ("2026-08-01T13:51:39+02:00", datetime(2026, 8, 1, 11, 51, 39, tzinfo=UTC)),
        ("2026-08-01", datetime(2026, 8, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (1785592299, None),
    ],
)
def test_a_time_is_aware_or_not_told(value: Any, at: datetime | None) -> None:
    assert shapes.moment({"at": value}, "at") == at


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "data:text/html,x", "//kartor.social", "https://", "/path", "", None,
     "https://kartor.social/\nx", 'https://kartor.social/"onload', "https://[::1", "x" * 501],
)  # fmt: skip
def test_what_is_no_web_address_is_not_a_link(value: Any) -> None:
    assert shapes.link({"url": value}, "url") == ""


def test_a_web_address_is_a_link() -> None:
    assert shapes.link({"url": "https://kartor.social/@nora"}, "url") == (
        "https://kartor.social/@nora"
    )


@given(html=ANY_TEXT | st.text("<>/!?-&#;x0 abp=\"'", max_size=400))
def test_any_html_becomes_one_short_line(html: str) -> None:
    line = shapes.plain(shapes.text({"content": html}, "content", 5000), 40)

    assert len(line) <= 40
    assert line == " ".join(line.split())
    assert "\x00" not in line
    line.encode()


@given(value=st.one_of(st.none(), st.booleans(), st.floats(), ANY_TEXT, st.lists(st.none())))
def test_an_id_is_printable_and_short_or_refused(value: Any) -> None:
    try:
        name = shapes.identifier({"id": value}, "id")
    except ConnectorError as error:
        code, name = error.code, "refused"
    else:
        code = Code.OK

    assert code in {Code.OK, Code.CONTRACT}
    assert name.isascii()
    assert name.isprintable()
    assert 1 <= len(name) <= 191
