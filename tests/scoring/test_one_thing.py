"""One thing to do: what comes first of all that home knows, and that it is nothing at last."""

import pytest

from scoring.views.links import News
from scoring.views.one_thing import Known, Todo, one_thing

pytestmark = pytest.mark.one_engine
NEEDS_YOU = News("1 link needs you", "/links/7/", "bad")
WAITS = News("Mastodon gave no answer. Your score waits.", "/links/8/", "info")
HELD = Todo("“Pen” is held for you until 12:30.", "Go on with the claim", "/held/", runs_out=True)
PERK = Todo("A perk is open that we told you of: Fieldnote A5 notebook.", "See this perk", "/p/")


@pytest.mark.parametrize(
    ("known", "url"),
    [
        (Known((NEEDS_YOU,), 2, (PERK, HELD)), "/held/"),
        (Known((WAITS, NEEDS_YOU), 2, (PERK,), topics=False, reachable=False), "/links/7/"),
        (Known((WAITS,), 2, (PERK,), topics=False, reachable=False), "/plusk/"),
        (Known((WAITS,), 0, (PERK,), topics=False, reachable=False), "/p/"),
        (Known((WAITS,), topics=False, reachable=False), "/topics/mine/"),
        (Known((WAITS,), reachable=False), "/settings/profile/"),
    ],
)
def test_what_runs_out_comes_first_then_what_stops_the_count_and_what_is_only_told_last(
    known: Known, url: str
) -> None:
    todo = one_thing(known)

    assert todo is not None
    assert todo.url == url
    assert todo.text.endswith(".")


def test_a_network_that_is_away_is_nothing_to_do() -> None:
    assert one_thing(Known((WAITS,))) is None
    assert one_thing(Known()) is None
