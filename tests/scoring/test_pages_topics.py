"""The pages of topics: what is told, why, what can be done about it, and what is never shown."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts import blocking
from accounts.models import Audience, Case, Profile, User
from scoring import plusk, topics
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import Post, PostTopic, TopicDoubt, TopicScore
from scoring.topics.rescoring import GATE
from scoring.views import taxonomy as taxonomy_names
from scoring.views import topic_words
from tests.scoring import topic_scenes
from tests.scoring.builders import NOW, person, source_of, with_page
from tests.scoring.pages import at_noon, browser_of, text_of

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
MINE = "/topics/mine/"
DJANGO = "/topics/mine/django/"
NORA = '<a dir="auto" href="/@nora">Nora</a>'
NEEDED = f"{100 * GATE.own_share:g}"  # percent


@pytest.fixture
def nora() -> User:
    return topic_scenes.known(now=NOW)


def do(client: Client, slug: str, act: str) -> str:
    """Press a button of a topic and return the page that follows, as one line."""
    response = client.post(reverse("my_topic_change", args=[slug, act]), follow=True)
    assert response.redirect_chain[-1] == (f"{MINE}#topic-{slug}", 302)
    return " ".join(response.content.decode().split())


def told(page: str) -> list[str]:
    """Return the names of the topics that my topics shows, in order."""
    shown = page.partition('id="h-shown"')[2].partition("</section>")[0]
    return re.findall(r'<h3> ?<a href="[^"]*">([^<]*)</a>', shown)


def test_my_topics_tells_each_with_its_strength_and_what_it_rests_on(nora: User) -> None:
    page = text_of(browser_of(nora), MINE)

    score = TopicScore.objects.get(user=nora, topic="django")
    assert told(page) == ["Web development", "Django", "CSS and web design"]
    assert f"<strong>{score.strength:.1f}</strong>" in page
    assert "From 4 posts on 4 days, 16 to 19 November: 78 reactions by up to 57 people" in page
    assert "A topic needs 3 such posts on 2 different days and reactions by 5 people" in page
    assert "of many posts 4 in a hundred" in page


def test_a_topic_on_its_way_says_in_words_what_is_missing(nora: User) -> None:
    page = text_of(browser_of(nora), MINE)

    nearly = page.partition('id="h-nearly"')[2]
    assert "Maps and GIS" not in told(page)
    assert "Maps and GIS" in nearly
    assert "1 more post that people react to and reactions by 2 more people." in nearly
    assert "So far 2 posts on 2 days: 5 reactions by up to 3 people" in nearly


def test_a_topic_that_left_says_until_when_and_why(nora: User) -> None:
    before = text_of(browser_of(nora), MINE)
    PostTopic.objects.filter(post__external_id__in=["django0", "django1"]).delete()
    topics.rescore(nora.pk)

    page = text_of(browser_of(nora), MINE)
    evidence = text_of(browser_of(nora), DJANGO)
    topics.hide(nora.pk, "web-development", now=NOW)
    topics.add(nora.pk, "django", now=NOW)
    after = text_of(browser_of(nora), MINE)

    head, _, nearly = page.partition('id="h-nearly"')
    left = head.partition('id="h-left"')[2]
    assert told(page) == ["CSS and web design"]
    assert "Until 21 November. Its posts are told already as: CSS and web design." in left
    assert "Until 21 November. Still needed: 1 more post that people react to." in left
    assert f'<a href="{DJANGO}">Django</a>' in left
    assert DJANGO not in nearly
    assert "Not shown any more. Still needed: 1 more post that people react to." in evidence
    assert "Not shown any more" not in before
    assert "Not shown any more" not in after


def test_when_every_topic_left_the_pages_say_so(nora: User) -> None:
    TopicScore.objects.exclude(topic="django").delete()
    TopicScore.objects.update(passes=False, left_on=NOW.date())
    client = browser_of(nora)

    page = text_of(client, MINE)
    home = text_of(client, "/home/")

    assert "No topic is shown now" in page
    assert "No other topic is on its way now." in page
    assert "None now. Django was the last to be shown." in home


def test_without_topics_the_page_says_how_they_come(client: Client) -> None:
    stranger = person("stranger")

    page = text_of(browser_of(stranger), MINE)
    source_of(stranger)
    linked = text_of(browser_of(stranger), MINE)

    assert "No topic is shown yet" in page
    assert "Link an account first" in page
    assert "Topics appear after about 20 posts" in linked


def test_a_hidden_topic_is_gone_until_it_is_restored_whatever_is_scored_meanwhile(
    nora: User,
) -> None:
    client = browser_of(nora)

    page = do(client, "django", "hide")
    topics.rescore(nora.pk)
    after = text_of(client, MINE)

    assert "Django is gone, and we will not guess it again." in page
    assert "Django" not in told(after)
    assert "Django" in after.partition("Hidden for good")[2]
    assert "Django" in told(do(client, "django", "restore"))
    assert "Hidden for good" not in text_of(client, MINE).partition('id="hidden"')[2]


def test_topics_can_be_ordered_and_marked_and_added_and_taken_back(nora: User) -> None:
    client = browser_of(nora)

    moved = do(client, "css", "up")
    marked = do(client, "css", "expertise")
    added = do(client, "golf", "add")
    back = do(client, "golf", "take-back")

    assert "CSS and web design moved up." in moved
    assert told(moved) == ["Web development", "CSS and web design", "Django"]
    assert '<span class="tag">Expertise</span>' in marked
    assert "You added it. It stays an interest until posts" in added
    assert "Golf" in told(added)
    assert "Golf" not in told(back)


def test_an_unknown_act_an_unknown_topic_and_a_mere_visit_change_nothing(nora: User) -> None:
    client = browser_of(nora)

    assert client.post(reverse("my_topic_change", args=["django", "explode"])).status_code == 404
    assert client.get(reverse("my_topic_change", args=["django", "hide"])).status_code == 302
    assert client.post("/topics/no-such-topic/listing/").status_code == 404
    assert client.post("/topics/mine/no-such-topic/wrong/").status_code == 404
    assert topics.hidden(nora.pk) == []


@pytest.mark.parametrize("path", ["/topics/", MINE], ids=["all", "mine"])
def test_an_address_of_no_topic_says_so_and_offers_what_is_called_nearly_so(
    path: str, nora: User
) -> None:
    page = text_of(browser_of(nora), f"{path}web-dev/", 404)
    nothing = text_of(browser_of(nora), f"{path}no-such-topic/", 404)

    assert "No topic has this address" in page
    assert "it may be that of a topic that has become part of another since" in page
    assert reverse("topic", args=["web-development"]) in page
    assert "Called nearly so" not in nothing
    assert 'name="q"' in nothing


def test_a_topic_that_cannot_be_moved_says_why(nora: User) -> None:
    page = do(browser_of(nora), "golf", "up")

    assert "This topic is not among yours now, so it has no place to move." in page


def test_adding_finds_topics_by_everyday_names_and_says_when_there_is_none(nora: User) -> None:
    client = browser_of(nora)

    found = text_of(client, MINE, add="webdev")
    nothing = text_of(client, MINE, add="<xyzzy>")

    assert "found by “webdev”" in found
    assert reverse("my_topic_change", args=["react", "add"]) in text_of(client, MINE, add="react")
    assert "No topic here is called “&lt;xyzzy&gt;”." in nothing
    assert "Tell us which topic is missing" in nothing


def test_the_evidence_adds_up_to_the_strength_that_is_shown(nora: User) -> None:
    page = text_of(browser_of(nora), DJANGO)

    figures = [float(found) for found in re.findall(r'<span class="pts num">([\d.]+)<', page)]
    score = TopicScore.objects.get(user=nora, topic="django")
    assert len(figures) == 5
    assert round(sum(figures[:-1]), 2) == figures[-1]
    assert figures[-1] == pytest.approx(score.strength, abs=0.05)
    assert "How a queryset becomes one query" in page
    assert "About Django: it says “queryset”" in page
    assert "9 likes" in page


def test_smaller_posts_are_one_line_and_the_sum_still_holds(nora: User) -> None:
    score = TopicScore.objects.get(user=nora, topic="django")
    score.terms = score.terms[:2]
    score.save()

    page = text_of(browser_of(nora), DJANGO)

    figures = [float(found) for found in re.findall(r'<span class="pts num">([\d.]+)<', page)]
    assert "2 smaller posts" in page
    assert len(figures) == 4
    assert round(sum(figures[:-1]), 2) == figures[-1]


def test_this_is_wrong_opens_a_case_and_hides_the_topic(nora: User) -> None:
    client = browser_of(nora)

    response = client.post(
        f"{DJANGO}wrong/", {"words": "It is about the guitarist.", "instead": "Jazz music"}
    )

    case = Case.objects.get()
    doubt = TopicDoubt.objects.get()
    assert response["Location"] == reverse("case", args=[case.pk])
    assert (doubt.topic, doubt.post, doubt.case) == ("django", None, case)
    assert topics.hidden(nora.pk) == ["django"]


def test_one_post_can_be_said_to_be_about_something_else(nora: User) -> None:
    post = Post.objects.get(external_id="django0")

    browser_of(nora).post(
        f"{DJANGO}wrong/", {"words": "It is about trains.", "post": str(post.pk), "instead": "css"}
    )

    doubt = TopicDoubt.objects.get()
    assert (doubt.post, doubt.instead, doubt.because) == (post, "css", "queryset")
    assert topics.hidden(nora.pk) == []


def test_a_topic_that_we_do_not_know_goes_into_the_case_as_it_was_typed(nora: User) -> None:
    browser_of(nora).post(f"{DJANGO}wrong/", {"words": "Not mine.", "instead": "Xyzzyology"})

    assert TopicDoubt.objects.get().instead == ""
    doubted = "It is “Xyzzyology” instead, which is no topic here yet."
    assert TopicDoubt.objects.get().words == f"Not mine.\n\n{doubted}"
    assert doubted in Case.objects.get().messages.get().text


def test_one_press_is_enough_to_say_that_a_topic_is_wrong(nora: User) -> None:
    response = browser_of(nora).post(f"{DJANGO}wrong/", {"words": "", "post": ""}, follow=True)

    assert "Django is gone, and we will not guess it again." in response.content.decode()


@pytest.mark.parametrize(
    ("post", "words"),
    [("999999", "Not mine."), ("all", "Not mine."), ("9" * 5_000, "Not mine."), ("", "x" * 5_000)],
    ids=["no such post", "no id", "no id of ours", "long"],
)
def test_a_doubt_that_is_refused_keeps_what_was_typed(post: str, words: str, nora: User) -> None:
    response = browser_of(nora).post(f"{DJANGO}wrong/", {"words": words, "post": post})

    page = response.content.decode()
    assert response.status_code == 400
    assert 'role="alert"' in page
    assert f">{words}</textarea>" in page
    assert Case.objects.count() == 0
    assert topics.hidden(nora.pk) == []


def test_a_topic_nothing_led_to_says_what_it_would_need(nora: User) -> None:
    page = text_of(browser_of(nora), "/topics/mine/golf/")

    assert "No post of the last 90 days that people reacted to leads here." in page
    assert "3 more posts that people react to, posts on 2 more days" in page


def test_a_topic_that_narrower_ones_already_tell_says_so(nora: User) -> None:
    client = browser_of(nora)

    evidence = text_of(client, "/topics/mine/python/")
    page = text_of(client, "/topics/python/")

    assert "Not shown yet. Its posts are told already as: Django." in evidence
    assert "It is not shown among your topics." in page
    assert "Its posts are told already as: Django." in page


def test_a_narrower_topic_that_was_only_added_tells_no_posts(nora: User) -> None:
    TopicScore.objects.filter(topic="django").delete()
    TopicScore.objects.filter(topic="python").update(posts=9, days=9, people=9, share=0.01)
    topics.add(nora.pk, "django", now=NOW)
    client = browser_of(nora)

    evidence = text_of(client, "/topics/mine/python/")
    page = text_of(client, "/topics/python/")

    assert "told already as" not in evidence
    assert f"Not shown yet. 1.0 % of what your posts bring; a topic needs {NEEDED} %." in evidence
    assert "told already as" not in page


def test_a_topic_with_too_small_a_part_or_too_wide_says_so(nora: User) -> None:
    TopicScore.objects.update(posts=9, days=9, people=9)

    page = text_of(browser_of(nora), MINE)
    area = text_of(browser_of(nora), "/topics/mine/science/")

    assert "So wide a topic is told only beside two narrower ones within it." in area
    assert f"Less than 0.1 % of what your posts bring; a topic needs {NEEDED} %." in page


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.012, f"1.2 % of what your posts bring; a topic needs {NEEDED} %."),
        (0.01299, f"1.2 % of what your posts bring; a topic needs {NEEDED} %."),
        (0.034, "3.4 % of what your posts bring, which is no larger a part than with people here."),
    ],
    ids=["small", "never rounded up", "no larger than here"],
)
def test_a_topic_of_enough_posts_says_which_part_of_them_it_is_and_what_it_needs(
    share: float, said: str, nora: User
) -> None:
    maps = TopicScore.objects.filter(user=nora, topic="maps-and-gis")
    maps.update(posts=9, days=9, people=9, share=share, strength=30)

    nearly = text_of(browser_of(nora), MINE).partition('id="h-nearly"')[2]
    evidence = text_of(browser_of(nora), "/topics/mine/maps-and-gis/")

    assert said in nearly
    assert said in evidence


def test_a_topic_beside_twenty_that_are_shown_says_that_there_are_no_more(nora: User) -> None:
    score = TopicScore.objects.get(user=nora, topic="maps-and-gis")
    score.share, score.strength = 0.03, 10
    told = [TopicScore(topic=f"topic-{number}", strength=40) for number in range(20)]

    reason = topic_words.passed_over(score, told)

    assert reason == "At most 20 topics are shown, and yours are that many."


def test_a_topic_far_below_the_strongest_says_how_far(nora: User) -> None:
    score = TopicScore.objects.get(user=nora, topic="maps-and-gis")
    score.share, score.strength = 0.03, 9.9

    reason = topic_words.passed_over(score, [TopicScore(topic="django", strength=40)])

    assert reason == "24.7\u00a0% of the strength of Django; a topic needs 25\u00a0% of it."


def test_of_many_posts_a_topic_on_its_way_needs_more(nora: User) -> None:
    TopicScore.objects.filter(topic="maps-and-gis").update(posts=9, posts_needed=12, people=9)

    nearly = text_of(browser_of(nora), MINE).partition('id="h-nearly"')[2]

    assert "3 more posts that people react to." in nearly


def test_large_points_have_their_thousands_set_apart(nora: User) -> None:
    TopicScore.objects.filter(topic="django").update(strength=12_345.67)

    client = browser_of(nora)

    assert "<strong>12,345.7</strong>" in text_of(client, MINE)
    assert "12,345.7" in text_of(client, "/home/")
    assert '<span class="pts num">12,345.7</span>' in text_of(client, DJANGO)
    assert "Your strength: 12,345.7 points." in text_of(client, "/topics/django/")


def test_the_evidence_leads_to_what_can_be_done_at_its_end(nora: User) -> None:
    client = browser_of(nora)

    shown = text_of(client, DJANGO)
    untold = text_of(client, "/topics/mine/maps-and-gis/")
    topics.add(nora.pk, "maps-and-gis", now=NOW)
    added = text_of(client, "/topics/mine/maps-and-gis/")
    topics.hide(nora.pk, "django", now=NOW)
    hidden = text_of(client, DJANGO)

    assert '<a href="#wrong">This is wrong, or hide it</a>' in shown
    assert (
        shown.index('href="#wrong"')
        < shown.index('<ul class="ledger">')
        < shown.index('id="wrong"')
    )
    assert '<a href="#wrong">This is wrong, or add it yourself</a>' in untold
    assert '<a href="#wrong">This is wrong, or change it</a>' in added
    assert '<a href="#wrong">This is wrong, or restore it</a>' in hidden


def test_what_is_hidden_or_doubted_whole_still_counts_above_and_says_so(nora: User) -> None:
    client = browser_of(nora)

    hidden = do(client, "django", "hide")
    doubted = client.post("/topics/mine/css/wrong/", follow=True).content.decode()

    said = "Its posts still count for the wider topics above it."
    assert f"Django is gone, and we will not guess it again. {said}" in hidden
    assert "Their posts still count for the wider topics above them." in hidden
    assert f"CSS and web design is gone, and we will not guess it again. {said}" in doubted
    assert said in text_of(client, DJANGO)
    assert said in text_of(client, "/topics/django/")
    assert "Web development" in told(text_of(client, MINE))


@pytest.mark.parametrize("slug", ["science", "mental-health", "no-such-topic"])
def test_nothing_is_said_to_count_above_where_nothing_does(slug: str) -> None:
    assert topic_words.still_above(slug) == ""


def test_what_is_sensitive_is_only_there_as_the_person_added_it(nora: User) -> None:
    client = browser_of(nora)

    before = text_of(client, "/topics/mine/mental-health/")
    do(client, "mental-health", "add")
    after = text_of(client, "/topics/mine/mental-health/")
    page = text_of(client, "/topics/mental-health/")

    assert "Topics like this are never read from posts." in before
    assert "You added it. It is never read from posts." in after
    assert "Nobody is named here." in page
    assert "your name" not in page


def test_all_topics_shows_every_area_with_its_fields(nora: User) -> None:
    page = text_of(browser_of(nora), "/topics/")

    assert all(f'href="{reverse("topic", args=[each.slug])}"' in page for each in taxonomy().areas)
    assert reverse("topic", args=["web-development"]) in page
    assert "16 areas" in page


def test_a_search_with_a_slip_is_asked_what_it_meant(nora: User) -> None:
    client = browser_of(nora)

    browsed = text_of(client, "/topics/", q="photogaphy")
    added = text_of(client, MINE, add="photogaphy")
    nothing = text_of(client, "/topics/", q="zzzzzz")

    assert "No topic here is called “photogaphy”. </p> <h3>Did you mean</h3>" in browsed
    assert "Photography" in browsed
    assert "Did you mean one of these?" in added
    assert "/topics/mine/photography/add/" in added
    assert "Did you mean" not in nothing


@pytest.mark.parametrize(
    ("typed", "slug"),
    [("Webentwicklung", "web-development"), ("Sauerteig", "bread"), ("Web dev", "web-development")],
)
def test_a_topic_is_named_in_any_language(typed: str, slug: str) -> None:
    assert taxonomy_names.called(typed) == slug


def test_the_search_finds_other_names_and_says_so(nora: User) -> None:
    client = browser_of(nora)

    page = text_of(client, "/topics/", q="webdev")

    assert "Web development" in page
    assert "Technology · found by “webdev”" in page
    assert "found by “Maschinelles Lernen”" in text_of(client, "/topics/", q="maschinelles lernen")
    assert "found by “Künstliche Intelligenz”" in text_of(client, "/topics/", q="KI")
    assert "found by “Katzen”" in text_of(client, MINE, add="katzen")
    assert "No topic here is called “xyzzy”." in text_of(client, "/topics/", q="xyzzy")
    assert "What can people be known for?" in text_of(client, "/topics/", q="  ")
    assert text_of(client, "/topics/", q="\x00" + "x" * 5_000)


def test_a_topics_page_ranks_nobody_while_few_are_named(nora: User) -> None:
    topic_scenes.crowd("django", named=9, now=NOW)

    page = text_of(browser_of(nora), "/topics/django/")

    assert "9 people show this topic. Places are shown from 10 people on." in page
    assert "Amara" in page
    assert '<span class="num muted">' not in page


def test_a_topics_page_ranks_ten_and_names_nobody_who_did_not_ask(nora: User) -> None:
    topic_scenes.crowd("django", named=10, unnamed=2, now=NOW)

    page = text_of(browser_of(nora), "/topics/django/")

    assert "The strongest of 13 people here whose topic this is" in page
    assert page.index("Amara") < page.index("Rosa")
    assert '<span class="num muted">10.</span>' in page
    assert "Piotr" not in page
    assert "Leila" not in page
    assert "Nora" not in page.partition("<main")[2]
    assert "since 14 November 2026" in page.partition("New here")[2]


def test_ones_own_place_is_told_to_oneself_alone(nora: User) -> None:
    members = topic_scenes.crowd("django", named=10, now=NOW)

    own = text_of(browser_of(nora), "/topics/django/")
    mine = text_of(browser_of(nora), MINE)
    theirs = text_of(browser_of(members[0]), "/topics/django/")

    assert "of 11 people here." in own
    assert "of 11 people here" in mine
    assert "Number 1 of 11 people here." in theirs


def test_nobody_is_named_before_they_show_their_topics_and_it_can_be_taken_back(
    nora: User,
) -> None:
    client = browser_of(nora)
    before = text_of(client, "/topics/django/")

    with_page(nora)
    named = text_of(client, "/topics/django/")
    Profile.objects.update(topics=Audience.NOBODY)
    after = text_of(client, "/topics/django/")

    assert "Nobody reads your name here" in before
    assert NORA not in before
    assert NORA in named
    assert "Members read your name on the pages of your topics." in named
    assert "How a queryset becomes one query" in named
    assert NORA not in after


def test_strangers_read_of_those_alone_who_show_their_topics_to_everyone(nora: User) -> None:
    with_page(nora, page=Audience.EVERYONE, topics=Audience.EVERYONE)
    topic_scenes.crowd("django", named=2, now=NOW)

    page = text_of(Client(), "/topics/django/")

    assert NORA in page
    assert "1 person shows this topic." in page
    assert "Amara" not in page
    assert "Give +K" not in page
    assert "/accounts/login/?next=/topics/django/" in page
    assert "Topics" in text_of(Client(), "/topics/")
    assert Client().get("/topics/mine/").status_code == 302


def test_a_block_either_way_keeps_two_people_off_each_others_topics(nora: User) -> None:
    amara, jun = topic_scenes.crowd("django", named=2, now=NOW)
    blocking.block(by=amara, whom=nora, now=NOW)
    blocking.block(by=nora, whom=jun, now=NOW)

    page = text_of(browser_of(nora), "/topics/django/")

    assert "Amara" not in page
    assert "Jun" not in page
    assert "Amara" in text_of(browser_of(jun), "/topics/django/")


def test_most_plusk_is_told_among_ten_of_those_who_show_it(nora: User) -> None:
    people = topic_scenes.crowd("django", named=10, now=NOW)
    for each, giver in ((people[3], nora), (people[3], people[0]), (people[4], nora)):
        plusk.give(giver_id=giver.pk, receiver_id=each.pk, topic="django", now=NOW)
    Profile.objects.filter(user=people[4]).update(plusk=Audience.NOBODY)

    page = text_of(browser_of(nora), "/topics/django/")
    Profile.objects.filter(user=people[9]).update(topics=Audience.NOBODY)
    few = text_of(browser_of(nora), "/topics/django/")

    most = page.partition("Most +K")[2].partition("New here")[0]
    assert "Sofia" in most
    assert "2 +K" in most
    assert "Mateo" not in most
    assert "1 +K" not in page
    assert "Most +K" not in few


def test_a_post_that_is_not_public_is_shown_to_its_author_alone(nora: User) -> None:
    Post.objects.update(visibility="unlisted")
    with_page(nora)

    page = text_of(browser_of(person("eve")), "/topics/django/")

    assert NORA in page
    assert "queryset becomes one query" not in page


def test_a_post_that_links_nowhere_safe_is_not_linked(nora: User) -> None:
    Post.objects.filter(external_id="django0").update(url="javascript:alert(1)", excerpt="<b>x</b>")

    page = text_of(browser_of(nora), DJANGO)

    assert "javascript:" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_home_shows_topics_or_the_nearest_or_how_they_come(nora: User) -> None:
    client = browser_of(nora)
    told_there = text_of(client, "/home/")
    TopicScore.objects.exclude(topic="maps-and-gis").delete()
    nearly = text_of(client, "/home/")
    TopicScore.objects.all().delete()
    none = text_of(client, "/home/")

    assert reverse("my_topic", args=["django"]) in told_there
    assert "Maps and GIS is nearly there" in nearly
    assert "None yet. They come from posts that people react to." in none


def test_a_topic_that_left_the_list_can_still_be_taken_back(nora: User) -> None:
    topics.add(nora.pk, "golf", now=NOW)
    nora.topic_choices.update(topic="no-such-topic")

    page = text_of(browser_of(nora), MINE)
    home = text_of(browser_of(nora), "/home/")
    after = do(browser_of(nora), "no-such-topic", "take-back")

    assert 'id="topic-no-such-topic"' in page
    assert 'href="/topics/mine/no-such-topic/"' not in page
    assert "<span>no-such-topic</span>" in home
    assert 'href=""' not in home
    assert 'id="topic-no-such-topic"' not in after


def test_no_topic_has_the_address_of_my_topics() -> None:
    assert "mine" not in taxonomy().topics


def test_twenty_topics_stay_a_light_page(nora: User) -> None:
    slugs = [slug for slug, each in taxonomy().topics.items() if not each.sensitive][:20]
    score = TopicScore.objects.get(user=nora, topic="django")
    TopicScore.objects.all().delete()
    for number, slug in enumerate(slugs):
        score.pk, score.topic, score.strength = None, slug, 30.0 + number
        score.save()

    response = browser_of(nora).get(MINE)

    assert len(told(" ".join(response.content.decode().split()))) == 20
    assert len(response.content) < 36_000
