"""A chart is a server-drawn line first, and more than that when it can be."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.checks import axe
from tests.browser.made_up import serve
from tests.browser.test_watch import faults_of
from tests.browser.watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIGURE = {
    "data": [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Score",
            "x": ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"],
            "y": [49.1, None, 50.0, 50.4],
            "line": {"color": "--s1", "width": 2.5},
            "fill": "tozeroy",
            "fillcolor": "--s1/0.12",
            "hovertemplate": "%{y:.1f}<extra></extra>",
        }
    ],
    "layout": {"yaxis": {"range": [45, 55]}},
}
HEAD = '{% include "kloutsite/_charts.html" %}'
CHART = """
<h1>Chart</h1>
<div class="chart" data-figure="figure" tabindex="0" role="group" aria-roledescription="chart"
     aria-label="Score from 49.1 to 50.4" data-say="%x: %y" data-gap="not read">
  <svg class="static" viewBox="0 0 640 240" aria-hidden="true">
    <polyline class="l" points="0,200 200,180 400,120 640,100"/>
  </svg>
  <div class="live" aria-hidden="true"></div>
  <span class="sr" aria-live="polite"></span>
</div>
{{ figure|json_script:"figure" }}
"""
BUNDLE = "**/vendor/plotly-basic.min.js"


def open_chart(context: BrowserContext, main: str = CHART) -> Page:
    """Open a page with one chart."""
    return serve(context, "/chart/", main=main, head=HEAD, figure=FIGURE)


def test_a_chart_comes_alive_without_breaking_the_policy(open_context: Any) -> None:
    page = open_chart(open_context())

    expect(page.locator(".chart[data-ready] .live .main-svg").first).to_be_visible()
    expect(page.locator(".chart .static")).to_be_hidden()
    assert page.locator(".main-svg").first.evaluate("e => getComputedStyle(e).position") == (
        "absolute"
    )
    assert axe(page) == []


def test_keys_walk_the_days_and_speak_them(open_context: Any) -> None:
    page = open_chart(open_context())
    page.locator(".chart[data-ready]").focus()

    said = []
    for key in ("ArrowLeft", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        said.append(page.locator(".chart [aria-live]").text_content())

    assert said == [
        "20 Nov 2026: 50.0",
        "19 Nov 2026: not read",
        "18 Nov 2026: 49.1",
        "21 Nov 2026: 50.4",
    ]
    expect(page.locator(".hovertext")).to_have_count(1)


def test_a_chart_takes_the_colours_of_the_look_that_is_on(open_context: Any) -> None:
    page = open_chart(open_context(color_scheme="light"))
    line = page.locator(".chart[data-ready] path.js-line").last
    expect(line).to_have_css("stroke", "rgb(232, 89, 12)")

    page.get_by_role("button", name="Light or dark").click()

    expect(line).to_have_css("stroke", "rgb(255, 122, 51)")
    expect(page.locator("path.js-fill")).to_have_css("fill-opacity", "0.12")


def test_the_bundle_is_not_fetched_before_the_chart_is_near(open_context: Any) -> None:
    context = open_context()
    fetched: list[str] = []
    context.on("request", lambda request: fetched.append(request.url))
    tall = "<pre>" + "line\n" * 300 + "</pre>"
    page = open_chart(context, f"<h1>Far</h1>{tall}{CHART.replace('<h1>Chart</h1>', '')}")
    page.wait_for_load_state("networkidle")
    before = [url for url in fetched if "plotly-basic" in url]

    page.locator(".chart").scroll_into_view_if_needed()

    expect(page.locator(".chart[data-ready]")).to_have_count(1)
    assert before == []


def test_a_phone_fetches_the_bundle_only_when_asked(open_context: Any) -> None:
    context = open_context(width=390)
    fetched: list[str] = []
    context.on("request", lambda request: fetched.append(request.url))
    page = open_chart(context)
    page.wait_for_load_state("networkidle")
    before = [url for url in fetched if "plotly-basic" in url]

    page.get_by_role("button", name="Explore the chart").click()

    expect(page.locator(".chart[data-ready]")).to_have_count(1)
    expect(page.get_by_role("button", name="Explore the chart")).to_have_count(0)
    assert before == []


def test_the_offer_to_explore_covers_nothing_of_the_line_on_a_phone(open_context: Any) -> None:
    page = open_chart(open_context(width=390))
    offer = page.get_by_role("button", name="Explore the chart")
    expect(offer).to_be_visible()

    line, button = page.locator(".chart .static").bounding_box(), offer.bounding_box()

    assert line
    assert button
    assert button["y"] >= line["y"] + line["height"]


def test_without_the_bundle_the_servers_line_stays_and_keys_work(
    open_context: Any, watch: Watch
) -> None:
    context = open_context()
    context.route(BUNDLE, lambda route: route.abort())
    page = open_chart(context)
    expect(page.locator(".chart[data-failed]")).to_have_count(1)
    page.locator(".chart").focus()

    page.keyboard.press("ArrowLeft")

    assert page.locator(".chart [aria-live]").text_content() == "20 Nov 2026: 50.0"
    expect(page.locator(".chart .static")).to_be_visible()
    assert any("The chart stays as the server drew it" in fault for fault in faults_of(watch))


def test_a_chart_without_scripts_is_the_servers_line(open_context: Any) -> None:
    page = open_chart(open_context(scripts=False))

    expect(page.locator(".chart .static")).to_be_visible()


def test_a_chart_swapped_in_by_htmx_comes_alive(open_context: Any) -> None:
    context = open_context()
    page = serve(
        context,
        "/swap/",
        main="<h1>Swap</h1><div hx-get='/part/' hx-trigger='click' id='here'>Press</div>",
        head=HEAD,
    )
    part = CHART.replace("<h1>Chart</h1>", "")
    serve(context, "/part/", main=part, head=HEAD, figure=FIGURE).close()

    page.locator("#here").click()

    expect(page.locator("#here .chart[data-ready]")).to_have_count(1)
