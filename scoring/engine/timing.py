"""When posts are answered most: shares of posts by hour and weekday, with how sure each is.

A post is answered more than usual when it got more reactions than the median post of its account.
That says of each time only how many of its posts were, so one post that went far moves nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import median

BANDS = 8  # of three hours each
DAYS = 7  # Monday first
ENOUGH_POSTS = 30
ENOUGH_DAYS = 14  # different days with a post
FEW = 3  # posts; a time with fewer tells nothing
# Fifteen times are told at once. Two-sided 0.05 / 15, so that luck alone names one of them for one
# person in twenty.
Z = 2.935


class Word(StrEnum):
    """What may be said of a time."""

    MORE = "more"  # its whole interval lies above the share of all posts
    LESS = "less"
    OPEN = "open"  # the interval holds the share of all posts
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Posted:
    """A post: its account, hour (0-23) and weekday (0-6, Monday first) where its author lives."""

    account: int
    hour: int
    weekday: int
    reactions: int


@dataclass(frozen=True, slots=True)
class Share:
    """Posts of a time, how many were answered more than usual, and Wilson's interval of that."""

    posts: int
    above: int
    low: float
    high: float
    word: Word

    @property
    def part(self) -> float:
        """The share of posts answered more than usual, 0 to 1; 0 where there is none."""
        return self.above / self.posts if self.posts else 0.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Shares of three-hour bands, of weekdays, and of both together: grid[band][weekday]."""

    usual: float  # share of all posts that were answered more than usual
    posts: int
    bands: tuple[Share, ...]
    days: tuple[Share, ...]
    grid: tuple[tuple[Share, ...], ...]


def timing(posts: Sequence[Posted]) -> Timing:
    """Return when posts were answered more than usual; whether they are enough is not asked."""
    above = _above(posts)
    usual = sum(above) / len(posts) if posts else 0.0
    cells = [[(0, 0)] * DAYS for _ in range(BANDS)]
    for post, more in zip(posts, above, strict=True):
        band = post.hour * BANDS // 24
        number, so_many = cells[band][post.weekday]
        cells[band][post.weekday] = (number + 1, so_many + more)
    return Timing(
        usual=usual,
        posts=len(posts),
        bands=tuple(_share(_sum(row), usual) for row in cells),
        days=tuple(_share(_sum(row[day] for row in cells), usual) for day in range(DAYS)),
        grid=tuple(tuple(_share(cell, usual) for cell in row) for row in cells),
    )


def wilson(above: int, posts: int, z: float = Z) -> tuple[float, float]:
    """Return the interval of a share, 0 to 1; all of that for no posts.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927).
    """
    if posts == 0:
        return 0.0, 1.0
    part, square = above / posts, z * z
    middle = (part + square / (2 * posts)) / (1 + square / posts)
    half = z * sqrt(part * (1 - part) / posts + square / (4 * posts * posts)) / (1 + square / posts)
    return max(0.0, min(part, middle - half)), min(1.0, max(part, middle + half))


def _above(posts: Sequence[Posted]) -> list[bool]:
    of: dict[int, list[int]] = defaultdict(list)
    for post in posts:
        of[post.account].append(post.reactions)
    usual = {account: median(counts) for account, counts in of.items()}
    return [post.reactions > usual[post.account] for post in posts]


def _sum(cells: Iterable[tuple[int, int]]) -> tuple[int, int]:
    numbers = list(cells)
    return sum(posts for posts, _ in numbers), sum(above for _, above in numbers)


def _share(cell: tuple[int, int], usual: float) -> Share:
    posts, above = cell
    low, high = wilson(above, posts)
    if posts < FEW:
        word = Word.FEW
    elif low > usual:
        word = Word.MORE
    elif high < usual:
        word = Word.LESS
    else:
        word = Word.OPEN
    return Share(posts, above, low, high, word)
