"""The main job as a newcomer does it: from the landing page to a score and its reasons."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Source
from scoring import jobs, work
from scoring.engine.topics.assign import assign
from scoring.models import ScoreSnapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CLICKS_AT_MOST = 5
SECONDS_AT_MOST = 20


@pytest.fixture
def worker(live_server: object) -> Iterator[None]:
    """Run due jobs in a thread beside the site, as `manage.py serve` has a process do.

    The taxonomy is read before the newcomer comes, as it was in a worker that runs.
    """
    assign(["A talk about maps, and who came to it."], [""])
    stop = threading.Event()

    def work_off() -> None:
        while not stop.is_set():
            if not jobs.run_next(clock=timezone.now, handlers=work.HANDLERS):
                stop.wait(0.05)
        connection.close()

    thread = threading.Thread(target=work_off)
    thread.start()
    yield
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


class Newcomer:
    """Somebody who has never been here, and who counts their clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.began = time.monotonic()

    def press(self, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role("button", name=name).first.click()

    def tick(self, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role("checkbox", name=name).check()

    def choose_the_business_page(self) -> None:
        self.press("Try with sample people")
        self.press("Allow")
        self.tick("Map Room Lisbon")
        self.press("Let these count")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
def test_from_landing_to_a_score_in_five_clicks_and_twenty_seconds(
    open_page: Callable[..., Page], worker: None, scripts: bool, width: int
) -> None:
    newcomer = Newcomer(open_page("/", scripts=scripts, width=width))

    newcomer.choose_the_business_page()

    expect(newcomer.page.get_by_role("heading", level=1)).to_contain_text(
        "Your score is", timeout=60_000
    )
    assert newcomer.clicks <= CLICKS_AT_MOST
    assert time.monotonic() - newcomer.began < SECONDS_AT_MOST
    chosen = Source.objects.get(selected=True)
    assert (chosen.title, chosen.kind) == ("Map Room Lisbon", "page")


def test_the_score_its_history_and_its_reasons_can_be_seen(
    open_page: Callable[..., Page], worker: None
) -> None:
    newcomer = Newcomer(open_page("/"))
    newcomer.choose_the_business_page()
    page = newcomer.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your score is", timeout=60_000)
    _wait_for(lambda: ScoreSnapshot.objects.filter(reconstructed=True).count() > 80)

    page.get_by_role("link", name="See your score").click()

    shown = f"{ScoreSnapshot.objects.latest('day').score:.1f}"
    expect(page.get_by_role("img", name=f"Score {shown} of 100")).to_be_visible()
    page.get_by_role("link", name="Why did it change?").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why your score")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Score").click()
    expect(page.get_by_role("group", name="Score").first).to_be_visible()


def test_what_was_linked_can_be_unlinked_and_the_page_says_the_effect(
    open_page: Callable[..., Page], worker: None
) -> None:
    newcomer = Newcomer(open_page("/"))
    newcomer.choose_the_business_page()
    page = newcomer.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your score is", timeout=60_000)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Links").click()
    page.get_by_role("link", name="Map Room Lisbon").first.click()
    page.get_by_role("link", name="Unlink").first.click()

    expect(page.locator("main")).to_contain_text("too little would be left to count")
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert not Source.objects.filter(selected=True).exists()


def test_saying_no_at_the_consent_page_changes_nothing(
    open_page: Callable[..., Page], worker: None
) -> None:
    newcomer = Newcomer(open_page("/"))

    newcomer.press("Try with sample people")
    newcomer.page.get_by_role("button", name="No", exact=True).click()

    expect(newcomer.page.locator("main")).to_contain_text("You said no")
    assert not Source.objects.exists()


def _wait_for(fact: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.1)
