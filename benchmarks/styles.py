"""Where made-up people and real pages stand on the grid of styles, and how their numbers spread.

Run: python -m benchmarks.styles   (or `make bench`). No database. The pages are those of
fb_pages_2016 in the folder that KLOUTSITE_DATA_SETS names; without it ../shared/data. Up to 150
posts of each are looked at for their topics, chosen by a hash of their id; a post of type "link"
leads elsewhere, and the data does not say which posts answer somebody.
"""

import statistics
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from accounts.sandbox import people, world
from benchmarks import _topic_data as data
from scoring.engine import style
from scoring.engine.style import GRID, Numbers, Said
from scoring.engine.topics.assign import assign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OF_A_PAGE = 150
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
AXES = ("creating", "consistent", "listening", "focused")


def main() -> None:
    """Print a table of each. Without the data sets it ends after the made-up people."""
    show("Places of the sandbox", [each for place in people.places() if (each := made_up(place))])
    show("Pages of fb_pages_2016", list(pages()))


def made_up(place: str) -> Numbers | None:
    """Return the numbers of a place of the sandbox; None where nothing is posted."""
    posts = world.posts(place, since=NOW - style.WINDOW_DAYS * DAY, now=NOW)
    if not posts:
        return None
    about = topics([post.text for post in posts])
    return style.counted(
        [
            Said(
                (NOW - post.at) / DAY, post.kind == "reply", style.leads_elsewhere(post.text), found
            )
            for post, found in zip(posts, about, strict=True)
        ]
    )


def pages() -> Iterator[Numbers]:
    """Yield the numbers of every page."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in data.rows("fb_pages_2016/posts.csv.gz"):
        rows[row["page"]].append(row)
    for posts in rows.values():
        ends = max(datetime.fromisoformat(row["published"]) for row in posts)
        looked = sorted(posts, key=lambda row: zlib.crc32(row["post_id"].encode()))[:OF_A_PAGE]
        found = topics([f"{row['text']} {row['link_title']}" for row in looked])
        about = {row["post_id"]: one for row, one in zip(looked, found, strict=True)}
        yield style.counted(
            [
                Said(
                    age=(ends - datetime.fromisoformat(row["published"])) / DAY,
                    answers=False,
                    links=row["type"] == "link",
                    topics=about.get(row["post_id"], {}),
                )
                for row in posts
            ]
        )


def topics(texts: Sequence[str]) -> list[dict[str, float]]:
    """Return what each text is about."""
    return [{one.slug: one.share for one in found} for found in assign(texts, [""] * len(texts))]


def show(name: str, counted: Sequence[Numbers]) -> None:
    """Print how each number spreads, and how many stand in each field."""
    told = [numbers for numbers in counted if not numbers.missing]
    print(f"\n{name}: {len(counted)}, of whom {len(told)} have enough posts for a style")
    print(f"{'':14}" + "".join(f"{100 * share:6.0f} %" for share in SHARES))
    for axis in AXES:
        values = sorted(getattr(numbers, axis) for numbers in told)
        row = [values[round(share * (len(values) - 1))] for share in SHARES]
        print(f"{axis:14}" + "".join(f"{value:8.2f}" for value in row))
    print(f"topics, median {statistics.median(numbers.topics for numbers in told):.1f}")
    kinds = Counter(place.kind for one in told if (place := style.place_of(one)))
    for line in GRID:
        print("".join(f"{kind:>18} {kinds[kind]:3}" for kind in line))


if __name__ == "__main__":
    main()
