"""Numbered pages: what is asked for, where it lies, and which pages are beside it."""

import pytest

from accounts.views.paging import Page, page_of

ROWS = list("abcde")


@pytest.mark.parametrize(
    ("asked", "rows", "beside"),
    [
        ("1", ["a", "b"], (0, 2)),
        ("2", ["c", "d"], (1, 3)),
        ("3", ["e"], (2, 0)),
        *((odd, ["a", "b"], (0, 2)) for odd in (None, "", "abc", "-1", "0", "1.5", "²", "٣")),
    ],
)
def test_a_page_has_its_rows_and_the_pages_beside_it(
    asked: str | None, rows: list[str], beside: tuple[int, int]
) -> None:
    page = page_of(ROWS, 2, asked)

    assert page.rows == rows
    assert (page.before, page.after, page.beyond) == (*beside, False)
    assert ROWS[page.first - 1] == rows[0]


@pytest.mark.parametrize("asked", ["4", "99", "9" * 5_000])
def test_a_page_beyond_the_end_is_empty_and_leads_to_the_last(asked: str) -> None:
    page = page_of(ROWS, 2, asked)

    assert (page.rows, page.beyond, page.before, page.after) == ([], True, 3, 0)


def test_the_one_page_of_an_empty_list_is_not_beyond_it() -> None:
    assert page_of([], 2, None) == Page([], 1, 1, 0)
