"""The table of badges that people read is the one that counts."""

import re

import pytest
from django.conf import settings

from scoring.badges import names
from scoring.engine import style
from scoring.engine.badges import EARLY, NEWCOMER_FOR, TABLE

TEXT = (settings.BASE_DIR / "docs" / "badges.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([\w-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)


def test_the_document_has_every_badge_with_its_name_and_levels() -> None:
    told = [(slug, name, levels) for slug, name, levels, _counted in ROW.findall(TEXT)]

    assert told == [
        (badge.slug, names.name(badge.slug), ", ".join(f"{level:,}" for level in badge.levels))
        for badge in TABLE
    ]
    assert f"first {EARLY} people" in TEXT
    assert f"first {NEWCOMER_FOR.days} days" in TEXT


@pytest.mark.parametrize("axis", style.MIDDLES)
def test_the_document_has_the_middle_of_every_axis(axis: str) -> None:
    (row,) = re.findall(rf"^\| \w+ \| \w+ \| {axis} \|[^|]*\| ([\d.]+) \|", TEXT, re.M)

    assert float(row) == style.MIDDLES[axis]


def test_the_document_has_the_other_numbers_of_a_style() -> None:
    assert f"last {style.WINDOW_DAYS} days" in TEXT
    assert f"ln {style.MANY_TOPICS:g}" in TEXT
    assert "{:g}, {:g} and {:g}".format(*style.CUTS) in TEXT
    assert (
        f"from {style.POSTS_NEEDED} posts on, spread over {style.WEEKS_NEEDED} weeks, of which the "
        f"topic of {style.TOPICAL_NEEDED} is known"
    ) in TEXT
