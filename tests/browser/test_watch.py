"""The checks of the other browser tests find what they are there to find."""

from typing import Any

import pytest

from tests.browser.checks import axe, inline_code, side_scroll, small_targets
from tests.browser.made_up import serve
from tests.browser.watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOUND = "<h1>Sound</h1>"


def faults_of(watch: Watch) -> list[str]:
    """Return the faults seen so far and forgive them."""
    found, watch.faults[:] = list(watch.faults), []
    return found


def test_a_sound_page_has_no_findings(open_context: Any, watch: Watch) -> None:
    page = serve(open_context(), "/sound/", main=SOUND)

    assert axe(page) == []
    assert side_scroll(page) == []
    assert small_targets(page) == []
    assert watch.faults == []


def test_a_field_without_a_name_is_found(open_context: Any) -> None:
    page = serve(open_context(), "/planted/", main=f"{SOUND}<input type='text'>")

    assert [found for found in axe(page) if found.startswith("label:")]


@pytest.mark.parametrize(
    ("main", "directive"),
    [
        ("<p style='color:red'>Red</p>", "style-src-attr"),
        ("<style>p{color:red}</style>", "style-src-elem"),
        ("<script>window.ran = true</script>", "script-src-elem"),
        ("<img alt='' src='https://elsewhere.example/pixel.gif'>", "img-src"),
    ],
)
def test_a_violation_of_the_policy_is_found(
    main: str, directive: str, open_context: Any, watch: Watch
) -> None:
    page = serve(open_context(), "/planted/", main=SOUND + main)
    page.wait_for_load_state("networkidle")

    faults = faults_of(watch)

    assert [fault for fault in faults if fault.startswith(f"policy: {directive} ")]


def test_an_error_in_the_console_is_found(open_context: Any, watch: Watch) -> None:
    page = serve(open_context(), "/planted/", main=SOUND)
    page.evaluate("console.error('planted')")

    faults = faults_of(watch)

    assert faults == ["console: planted"]


def test_a_script_that_throws_is_found(open_context: Any, watch: Watch) -> None:
    page = serve(open_context(), "/planted/", main=SOUND)
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('planted'); })")

    faults = faults_of(watch)

    assert faults == ["script: planted"]


def test_a_missing_file_is_found(open_context: Any, watch: Watch) -> None:
    page = serve(open_context(), "/planted/", main=f"{SOUND}<img alt='' src='/static/none.svg'>")
    page.wait_for_load_state("networkidle")

    faults = faults_of(watch)

    assert [fault for fault in faults if fault.startswith("status 404:")]


def test_a_request_that_leaves_the_site_is_found(open_context: Any, watch: Watch) -> None:
    page = serve(open_context(), "/planted/", main=SOUND)
    page.route("https://elsewhere.example/**", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.evaluate("location.assign('https://elsewhere.example/')")

    faults = faults_of(watch)

    assert "left the site: https://elsewhere.example/" in faults


def test_what_is_wider_than_the_window_is_found(open_context: Any) -> None:
    wide = "<pre>" + "wide " * 200 + "</pre>"
    page = serve(open_context(width=320), "/planted/", main=SOUND + wide)

    assert len(side_scroll(page)) == 1


def test_a_button_too_small_to_hit_is_found(open_context: Any) -> None:
    small = "<svg width='0' height='0'></svg><input type='checkbox' aria-label='Tiny'>"
    page = serve(open_context(), "/planted/", main=SOUND + small)

    assert len(small_targets(page)) == 1


@pytest.mark.parametrize(
    "html",
    ['<p style="x">', "<a onclick='x()'>", "<style>", "<script>run()</script>"],
)
def test_inline_code_is_found(html: str) -> None:
    assert len(inline_code(f"<p>before</p>{html}")) == 1


def test_data_for_scripts_is_no_inline_code() -> None:
    assert inline_code('<script id="f" type="application/json">{}</script>') == []
