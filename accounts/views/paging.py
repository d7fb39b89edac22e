"""Numbered pages of long lists, with the ways between them; `_pages.html` draws these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from django.core.paginator import Paginator

if TYPE_CHECKING:  # known to the stubs alone: a list, or a query
    from django.core.paginator import _SupportsPagination

LONGEST = 6  # digits of a page's number
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A page. number: the one that was asked for, from 1. pages: how many there are, 1 at least.

    first: the place of its first row in the whole list, from 1.
    """

    rows: Sequence[Row]
    number: int
    pages: int
    first: int = 1

    @property
    def beyond(self) -> bool:
        """Whether the list ends before it."""
        return self.number > self.pages

    @property
    def before(self) -> int:
        """The number of the page before it, or of the last there is; 0 where it is the first."""
        return min(self.number - 1, self.pages)

    @property
    def after(self) -> int:
        """The number of the page after it, 0 where it is the last."""
        return self.number + 1 if self.number < self.pages else 0


def number_of(asked: str | None) -> int:
    """Return the page that is asked for; the first where that is no number of a page.

    Of a longer number than any list has pages the first digits do: it lies beyond all of them too.
    """
    if not asked or not (asked.isascii() and asked.isdecimal()):
        return 1
    return max(1, int(asked[:LONGEST]))


def page_of(rows: "_SupportsPagination[Row]", size: int, asked: str | None) -> Page[Row]:
    """Return the page of a list that is asked for, without a row where the list ends before it."""
    number, whole = number_of(asked), Paginator(rows, size)
    if number > whole.num_pages:
        return Page([], number, whole.num_pages)
    page = whole.page(number)
    return Page(list(page.object_list), number, whole.num_pages, page.start_index())
