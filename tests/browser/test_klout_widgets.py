"""The badge and the hover script on a page of somebody else, as a browser shows them."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.browser.checks import axe, shoot
from tests.scoring.builders import TODAY, snapshot
from tests.scoring.klout_scenes import open_to_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def test_a_badge_is_framed_and_shown_over_links_by_mouse_and_by_keyboard(
    open_context: Any, live_server: LiveServer
) -> None:
    snapshot(open_to_all("nora_lindqvist_lisbon"), 63.2, day=TODAY)
    snapshot(open_to_all("nora"), 50.4, day=TODAY)
    page = open_context(width=640).new_page()
    site = live_server.url
    blog = f"""<!doctype html><html lang="en"><title>A page of somebody else</title><h1>Here</h1>
        <iframe src="{site}/badge/nora" title="Score" width="200" height="98"></iframe>
        <iframe src="{site}/badge/nora_lindqvist_lisbon?size=m" title="Score" width="160"
                height="78"></iframe>
        <iframe src="{site}/badge/nora?size=s" title="Score" width="120" height="59"></iframe>
        <p><a href="{site}/@nora">Nora</a> and <a href="https://elsewhere.example/nora">other</a>
        <script src="{site}/public/scripts/widget_hover.js"></script></html>"""
    page.route("**/blog", lambda route: route.fulfill(body=blog, content_type="text/html"))
    page.goto("/blog")

    framed = page.frame_locator("iframe").first.locator(".user-score-flag")
    framed.wait_for()
    page.get_by_role("link", name="Nora").hover()
    over = page.frame_locator("body > iframe[style]").locator(".user-score-flag")
    over.wait_for()
    shoot(page, "klout-widgets")

    assert (framed.text_content(), over.text_content()) == ("50", "50")
    assert axe(page, WCAG) == []
    page.get_by_role("link", name="other").hover()
    assert page.locator("body > iframe[style]").count() == 0
    page.get_by_role("link", name="Nora").focus()
    over.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("body > iframe[style]").count() == 0
    scrolls = "document.documentElement.scrollWidth > window.innerWidth"
    assert not any(frame.evaluate(scrolls) for frame in page.frames)
