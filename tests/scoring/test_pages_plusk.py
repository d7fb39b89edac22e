"""What the pages of +K say and do, in each state, and how many queries they ask."""

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.models import Case, User
from scoring import plusk
from scoring.engine.plusk import PER_DAY
from scoring.engine.trust import Why
from scoring.models import PlusK, PlusKWeight
from tests.scoring import topic_scenes
from tests.scoring.builders import NOW, person, with_page
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.plusk_scenes import showing
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
LOG, GIVE = "/plusk/", "/plusk/give/"
SURE = {"sure": "yes", "reason": "Known to us"}


@pytest.fixture
def nora() -> User:
    return person("nora")


@pytest.fixture
def ahmed() -> User:
    return showing("ahmed")


def given(giver: User, receiver: User, topic: str = "django", **fields: str) -> PlusK:
    return plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic=topic, now=NOW, **fields)


def without_token(page: str) -> str:
    """Return a page without what is another at every request."""
    return re.sub(r'(?<=")[A-Za-z0-9]{64}(?=")', "", page)


def press(user: User, one: PlusK, act: str, **typed: str) -> str:
    """Press a button of the log and return the page that follows."""
    response = browser_of(user).post(f"{LOG}{one.pk}/{act}/", typed, follow=True)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_form_says_beforehand_what_was_given_lately(nora: User) -> None:
    ahmed, before = showing("ahmed"), NOW - timedelta(days=7)
    showing("rosa")
    css, _jazz, _django = (
        plusk.give(
            giver_id=nora.pk, receiver_id=ahmed.pk, topic=topic, now=before + timedelta(hours=hours)
        )
        for topic, hours in (("css", 1), ("jazz", 0), ("django", 2))
    )
    plusk.undo(user_id=nora.pk, plusk_id=css.pk, now=css.at)
    client = browser_of(nora)

    page = text_of(client, GIVE, to="@ahmed", topic="django")
    other = text_of(client, GIVE, to="@rosa", topic="django")

    assert page.count("You gave this lately.") == 1
    assert 'value="django" disabled>' in page
    assert "Again at 14:00 today." in page
    assert 'value="django" checked>' in other
    assert "You gave this lately." not in other


def test_the_form_asks_what_they_helped_with_and_ticks_nothing(nora: User, ahmed: User) -> None:
    given(person("rosa"), ahmed)

    page = text_of(browser_of(nora), GIVE, to="@ahmed")

    assert "What did Ahmed help with?" in page
    assert "10 of 10 left today. Ahmed reads your name: Nora." in page
    assert 'Django <span class="small muted">1 +K</span>' in page
    assert "by a tenth of their strength at most, and no score. You can take it back for 10" in page
    assert "checked" not in page.partition("<main")[2]


def test_a_given_one_stands_on_both_sides_and_can_be_thanked_for(nora: User, ahmed: User) -> None:
    response = browser_of(nora).post(
        GIVE, {"to": "@ahmed", "topic": "django", "because": "<b>forms</b>"}, follow=True
    )
    sent = " ".join(response.content.decode().split())
    home = text_of(browser_of(ahmed), "/home/")
    first = text_of(browser_of(ahmed), LOG)
    second = text_of(browser_of(ahmed), LOG)
    thanked = press(ahmed, PlusK.objects.get(), "thank")

    assert response.redirect_chain == [(LOG, 302)]  # its top, where the message stands
    assert "Ahmed gets +K in Django. Undo until 12:10." in sent
    assert "9 of 10 left today." in sent
    assert "Undo<span" in sent.replace(" <span", "<span")
    assert "1 new +K for you." in home
    assert "“&lt;b&gt;forms&lt;/b&gt;”" in first
    assert ">New<" in first
    assert ">New<" not in second
    assert "Give back" not in first
    assert "new +K" not in text_of(browser_of(ahmed), "/home/")
    assert "You thanked" in thanked
    assert "Thanked you" in text_of(browser_of(nora), LOG)


def test_another_topic_is_asked_for_by_name_and_waits(nora: User, ahmed: User) -> None:
    client = browser_of(nora)

    response = client.post(GIVE, {"to": "@ahmed", "other": "Web dev"}, follow=True)
    sent = " ".join(response.content.decode().split())
    asked = text_of(client, LOG)
    waiting = text_of(browser_of(ahmed), LOG)
    accepted = press(ahmed, PlusK.objects.get(), "accept")

    assert "Ahmed does not show Web development yet and is asked first." in sent
    assert "New topic: it counts once they accept it" in asked
    assert "New topic: it counts once you accept it" in waiting
    assert "It counts for you." in accepted
    assert plusk.totals_of(ahmed.pk) == {"web-development": 1}


def test_a_refusal_keeps_what_was_typed(nora: User, ahmed: User) -> None:
    response = browser_of(nora).post(
        GIVE, {"to": "@ahmed", "other": "xyzzy", "because": "of the <i>"}
    )

    page = " ".join(response.content.decode().split())
    assert response.status_code == 400
    assert "There is no such topic. Choose one of those that are listed." in page
    assert 'value="xyzzy"' in page
    assert 'value="of the &lt;i&gt;"' in page


def test_an_empty_log_says_whether_the_page_is_open(nora: User, ahmed: User) -> None:
    closed, opened = (browser_of(user).get(LOG).content.decode() for user in (nora, ahmed))

    assert "once your page is open to them" in closed
    assert "Whoever may open your page can give you +K." in opened


def test_nothing_chosen_is_said(nora: User, ahmed: User) -> None:
    response = browser_of(nora).post(GIVE, {"to": "@ahmed"})

    assert response.status_code == 400
    assert "Choose a topic." in response.content.decode()


@pytest.mark.parametrize("to", ["@", "0", "x", "-1", "9" * 18, "9" * 400, "١", "\x00"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_of_an_address_is_answered_in_words(nora: User, to: str, method: str) -> None:
    response = getattr(browser_of(nora), method)(GIVE, {"to": to, "topic": "django"})

    assert response.status_code in {400, 404}
    assert "Nobody of this address takes +K" in response.content.decode()


def test_who_names_nobody_is_led_to_the_search_for_people(nora: User) -> None:
    assert browser_of(nora).get(GIVE)["Location"] == "/people/"
    assert browser_of(nora).post(GIVE, {"topic": "django"}).status_code == 400


def test_private_and_absent_people_cannot_be_told_apart(nora: User) -> None:
    private = person("private")
    client = browser_of(nora)

    pages = [text_of(client, GIVE, 404, to=str(pk)) for pk in (private.pk, 10**17)]

    assert len({without_token(page) for page in pages}) == 1


def test_to_oneself_there_is_no_form(ahmed: User) -> None:
    page = text_of(browser_of(ahmed), GIVE, 404, to="@ahmed")

    assert "This is you. +K goes to somebody else." in page
    assert "Because" not in page


def test_after_ten_log_and_form_say_when_new_ones_come(nora: User) -> None:
    nora.time_zone = "Europe/Berlin"
    nora.save()
    for number in range(PER_DAY):
        given(nora, showing(f"person{number}"))

    page = text_of(browser_of(nora), LOG)
    form = text_of(browser_of(nora), GIVE, to="@person0").partition("<main")[2]

    assert "None left today. New ones at 00:00 tomorrow." in page
    assert "None left today. New ones at 00:00 tomorrow." in form
    assert "<button" not in form
    assert "your name" not in form


def test_who_has_no_name_reads_beforehand_what_the_receiver_reads(ahmed: User) -> None:
    nameless = person("nameless")
    User.objects.filter(pk=nameless.pk).update(display_name="")

    page = text_of(browser_of(nameless), GIVE, to="@ahmed")

    assert "You have no name here: Ahmed reads your handle" in page
    assert "your name" not in page.partition("<main")[2]


def test_undo_is_offered_for_ten_minutes(nora: User, ahmed: User) -> None:
    one = given(nora, ahmed)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        late = text_of(browser_of(nora), LOG)
        refused = press(nora, one, "undo")

    undone = press(nora, one, "undo")

    assert f"{LOG}{one.pk}/undo/" not in late
    assert "A +K can be taken back for 10 minutes. It stays." in refused
    assert "Taken back. It counts no longer." in undone
    assert "10 of 10 left today." in undone


def test_a_hidden_one_is_shown_again_and_its_giver_never_learns_of_it(
    nora: User, ahmed: User
) -> None:
    one = given(with_page(nora), ahmed)
    before = text_of(browser_of(nora), LOG)

    hidden = press(ahmed, one, "hide")
    after = text_of(browser_of(nora), LOG)
    shown = press(ahmed, one, "accept")

    assert "Hidden. It counts no longer, and nobody is told." in hidden
    assert "Show it again" in hidden
    assert ("Give back" in hidden, "Give back" in shown) == (False, True)
    assert without_token(after) == without_token(before)
    assert "It counts for you." in shown


READ = "may read these words"


@pytest.mark.parametrize(
    ("acts", "said", "told"),
    [
        ("", "Once you accept this, those who see +K", "it counts once they accept it"),
        ("hide", "Hidden", "it counts once they accept it"),
        ("report", "Reported", "it counts once they accept it"),
        ("accept", "may read these words, unless you hide this.", ""),
        ("accept hide", "Hidden", ""),
        ("accept report", "Reported", ""),
    ],
)
def test_who_may_read_the_words_is_said_as_it_is_and_a_giver_learns_of_no_refusal(
    nora: User, ahmed: User, acts: str, said: str, told: str
) -> None:
    one = plusk.give(
        giver_id=nora.pk, receiver_id=ahmed.pk, topic="cycling", because="up the hill", public=True,
        now=NOW,
    )  # fmt: skip
    for act in acts.split():
        getattr(plusk, act)(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)

    got, gave = text_of(browser_of(ahmed), LOG), text_of(browser_of(nora), LOG)

    assert said in got
    assert (READ in got) is (said not in {"Hidden", "Reported"})
    assert "You let them show these words on their page." in gave
    assert ("it counts once they accept it" in gave) is bool(told)


def test_words_of_what_was_taken_back_or_made_void_are_read_by_nobody(
    nora: User, ahmed: User
) -> None:
    one, other = (
        plusk.give(
            giver_id=nora.pk, receiver_id=ahmed.pk, topic=topic, because="x", public=True, now=NOW
        )
        for topic in ("django", "css")
    )

    plusk.undo(user_id=nora.pk, plusk_id=one.pk, now=NOW)
    plusk.rule(plusk_id=other.pk, void=True, now=NOW)

    assert "these words" not in text_of(browser_of(nora), LOG)
    assert "these words" not in text_of(browser_of(ahmed), LOG)


def test_a_reported_one_opens_a_case(nora: User, ahmed: User) -> None:
    one = given(nora, ahmed)
    before = text_of(browser_of(ahmed), LOG)

    page = press(ahmed, one, "report", words="Unkind.")

    case = Case.objects.get()
    way = f'formaction="{LOG}{one.pk}/report/"'
    assert "This cannot be taken back." in before.partition(way)[0].rpartition("<details>")[2]
    assert "Reported and hidden. The answer comes as a case." in page
    assert (case.user, case.messages.get().text) == (ahmed, "Unkind.")
    assert f'<a href="/cases/{case.pk}/">You reported this: case {case.pk}, 12:00 today</a>' in page
    assert way not in page
    assert "case" not in text_of(browser_of(nora), LOG).partition("<main")[2].lower()


def test_a_report_that_is_refused_keeps_what_was_written(nora: User, ahmed: User) -> None:
    one, _newer = given(nora, ahmed), given(person("rosa"), ahmed)

    response = browser_of(ahmed).post(f"{LOG}{one.pk}/report/", {"words": "Unkind \u202eword"})

    page = response.content.decode()
    assert response.status_code == 400
    assert "There is a letter in it that cannot be seen." in page
    assert page.count("<details open>") == 1
    assert "Unkind \u202eword</textarea>" in page
    assert not Case.objects.exists()
    assert plusk.totals_of(ahmed.pk) == {"django": 2}


def test_what_is_not_ones_own_or_not_there_is_refused_in_words(nora: User, ahmed: User) -> None:
    one = given(nora, ahmed)
    eve = person("eve")

    assert "You received no such +K." in press(eve, one, "thank")
    assert "You gave no such +K." in press(eve, one, "undo")
    assert browser_of(eve).post(f"{LOG}{one.pk}/burn/").status_code == 404
    assert browser_of(eve).get(f"{LOG}{one.pk}/undo/")["Location"] == LOG


def test_a_topics_page_offers_to_give_and_tells_how_much_there_is(nora: User) -> None:
    amara, *_others = topic_scenes.crowd("django", named=2, now=NOW)
    given(nora, amara)

    page = text_of(browser_of(nora), "/topics/django/")
    own = text_of(browser_of(amara), "/topics/django/")
    mine = text_of(browser_of(amara), "/topics/mine/")

    assert f"{GIVE}?to=@amara&amp;topic=django" in page
    assert 'href="/@amara">Amara</a> <span class="small muted">1 +K</span>' in page
    assert "+K: 9 of 10 left today." in page
    assert "?to=@amara&amp;" not in own
    assert "<br>1 +K" in mine


def test_from_a_topics_page_the_topic_is_chosen_as_one_came_for_it(nora: User, ahmed: User) -> None:
    page = text_of(browser_of(nora), GIVE, to="@ahmed", topic="css")

    assert 'value="css" checked' in page
    assert page.count("checked") == 1


def test_older_ones_are_a_page_away(ahmed: User) -> None:
    for number in range(plusk.SHOWN + 2):
        given(person(f"person{number}"), ahmed)
    oldest = PlusK.objects.order_by("pk")[2].pk
    client = browser_of(ahmed)

    first = text_of(client, LOG)
    second = text_of(client, LOG, got=str(oldest))
    beyond = text_of(client, LOG, got="1", gave="1")

    assert f"?got={oldest}#received" in first
    assert "Person0<" not in first
    assert "Person0<" in second
    assert "Older ones" not in second
    assert beyond.count("None is older than that.") == 2
    assert "None yet" not in beyond


@pytest.mark.parametrize("size", [1, 5])
def test_the_pages_of_plusk_ask_the_same_few_questions_however_much_there_is(
    size: int, nora: User, ahmed: User, django_assert_num_queries: AssertQueries
) -> None:
    for number in range(size):
        given(person(f"person{number}"), ahmed, because="forms")
        reported = given(person(f"rude{number}"), ahmed, because="rude")
        plusk.report(user_id=ahmed.pk, plusk_id=reported.pk, now=NOW)
        given(ahmed, showing(f"other{number}"))
    ahmeds, noras = browser_of(ahmed), browser_of(nora)
    text_of(ahmeds, LOG)

    with django_assert_num_queries(7):
        text_of(ahmeds, LOG)
    with django_assert_num_queries(7):
        text_of(noras, GIVE, to="@ahmed")


def test_the_log_is_taken_along_as_files_in_as_many_questions_however_much_there_is(
    nora: User, ahmed: User, django_assert_num_queries: AssertQueries
) -> None:
    given(nora, ahmed, because="=forms")
    given(person("rosa"), ahmed)
    client = browser_of(ahmed)

    with django_assert_num_queries(5):
        table = b"".join(client.get("/plusk.csv")).decode()  # type: ignore[arg-type]
    with django_assert_num_queries(6):
        known = client.get("/plusk.json").json()

    assert "'=forms" in table
    assert table.startswith("number,way,other,handle,topic")
    assert known["totals"] == {"django": 2}
    assert [row["other"] for row in known["plusk"]] == ["Nora", "Rosa"]


def test_operators_read_what_was_reported_and_rule_about_it(nora: User, ahmed: User) -> None:
    one = given(nora, ahmed, because="<b>unkind</b>")
    press(ahmed, one, "report")
    staff = person("staff")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    client = browser_of(staff)

    page = text_of(client, "/ops/plusk/")
    client.post(f"/ops/plusk/{one.pk}/void/")
    void = text_of(client, "/ops/plusk/")
    client.post(f"/ops/plusk/{one.pk}/restore/")

    assert "Nora gave it to Ahmed in Django" in page
    assert "&lt;b&gt;unkind" in page
    assert "Let it count again" in void
    assert "Make it void" in text_of(client, "/ops/plusk/")
    assert client.post(f"/ops/plusk/{one.pk}/burn/").status_code == 404
    assert client.post("/ops/plusk/987654/void/").status_code == 404
    assert browser_of(nora).get("/ops/plusk/").status_code == 404
    for act in ("void", "vouch"):
        assert browser_of(nora).post(f"/ops/plusk/{one.pk}/{act}/", SURE).status_code == 404


def test_operators_vouch_for_one_that_was_questioned_once_sure_and_say_why(
    nora: User, ahmed: User
) -> None:
    one = given(nora, ahmed)
    PlusKWeight.objects.create(receiver=one.receiver, giver=one.giver, weight=0.33, why=Why.UNKNOWN)
    press(nora, one, "question")
    staff = person("staff")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    client, way = browser_of(staff), f"/ops/plusk/{one.pk}/vouch/"

    before = text_of(client, "/ops/plusk/")
    for unsure in ({}, {"reason": "Known to us"}, {"sure": "yes", "reason": " "}):
        answer = client.post(way, unsure, follow=True)
        assert "Nothing was changed" in answer.content.decode()
    client.post(way, SURE)
    client.post(way, SURE)
    after = text_of(client, "/ops/plusk/")

    assert "It counts 0.33 of 1." in before
    assert "Questioned" in before
    assert after.count("Counts wholly · 12:00 today · Staff · Known to us") == 1
    assert "Let it count wholly" not in after
