"""The upload page: each bad file is a sentence and changes nothing, and no file is kept."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import uploads
from accounts.connectors.base import Reading
from accounts.models import Source, SyncRun, User
from accounts.signals import Change, source_changed
from tests.accounts.archive_files import (
    NOW,
    a_note,
    a_tar,
    a_tweet,
    a_zip,
    an_account,
    an_x_archive,
    instagram_export,
    instagram_post,
    linkedin_post,
    linkedin_workbook,
    mastodon_files,
    x_content,
)

TABLE = b"posted_at,likes,text\n2026-03-01 08:30,12,Rye\n2026-03-02 08:30,,Spelt\n"

pytestmark = pytest.mark.django_db


def person(name: str) -> User:
    return User.objects.create_user(username=name, email=f"{name}@mail.example")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, content: bytes, **fields: str) -> Any:
    file = SimpleUploadedFile("anything.bin", content)
    return client.post(reverse("archive_upload"), {"file": file, **fields})


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


@pytest.fixture
def temporary(settings: Any, tmp_path: Path) -> Path:
    """The folder in which uploads live while they are read."""
    settings.FILE_UPLOAD_TEMP_DIR = settings.UPLOADS_DIR = str(tmp_path)
    return tmp_path


@pytest.fixture
def news() -> Any:
    """What was told about sources: (change, reading)."""
    heard: list[tuple[Change, Reading | None]] = []

    def listen(change: Change, reading: Reading | None = None, **_rest: Any) -> None:
        heard.append((change, reading))

    source_changed.connect(listen)
    yield heard
    source_changed.disconnect(listen)


def test_the_page_says_what_is_read_and_that_the_file_is_not_kept() -> None:
    response = signed_in(person("nora")).get(reverse("archive_upload"))

    page = response.content.decode()
    assert response.status_code == 200
    assert "the file is not kept" in page
    assert "data/tweets.js" in page
    assert reverse("archive_example") in page


def test_somebody_who_is_not_signed_in_is_asked_to(temporary: Path) -> None:
    response = upload(Client(), an_x_archive(a_tweet()))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert not list(temporary.iterdir())


def test_an_archive_of_x_becomes_a_source_that_counts(temporary: Path, news: list[Any]) -> None:
    nora = person("nora")

    response = upload(signed_in(nora), an_x_archive(a_tweet(), a_tweet(full_text="RT @a: b")))

    source = Source.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("first_scoring"))
    assert (source.user, source.network, source.external_id) == (
        nora,
        "x_archive",
        f"{nora.pk}:4242",
    )
    assert (source.kind, source.title, source.selected) == ("archive", "@nora_bakes", True)
    assert source.state_at(timezone.now()) == Source.State.HEALTHY
    assert " ".join(said(response)) == (
        "Read 1 post from @nora_bakes, from 10 October 2018 on. "
        "Left out: 1 other people's posts, passed on. The file is deleted. "
        "It counts half, since a file does not prove whose account it is of."
    )
    ((change, reading),) = news
    assert change == Change.ARCHIVE
    assert [post.external_id for post in reading.posts] == ["1050118621198921728"]
    assert not list(temporary.iterdir())


def test_a_table_becomes_a_source_under_the_name_the_person_gave(temporary: Path) -> None:
    nora = person("nora")

    response = upload(signed_in(nora), TABLE, name=" My Bäckerei ")

    source = Source.objects.get()
    assert response.status_code == 302
    assert (source.network, source.external_id) == ("csv", f"{nora.pk}:my-bäckerei")
    assert (source.title, source.selected) == ("My Bäckerei", True)
    assert not list(temporary.iterdir())


def test_the_same_archive_again_brings_the_same_source_up_to_date(news: list[Any]) -> None:
    client = signed_in(person("nora"))

    upload(client, an_x_archive(a_tweet()))
    upload(client, an_x_archive(a_tweet(favorite_count="20")))

    assert Source.objects.count() == 1
    assert len(news) == 2


def test_an_older_archive_of_x_does_not_take_away_what_came_since(news: list[Any]) -> None:
    client = signed_in(person("nora"))
    early = a_tweet(id_str="1", created_at="Mon Mar 03 08:00:00 +0000 2025")
    late = a_tweet(id_str="2", created_at="Sun Mar 01 08:00:00 +0000 2026")
    upload(client, an_x_archive(early, late))

    response = upload(client, an_x_archive(early))

    assert response.status_code == 400
    assert "ends on 3 March 2025, and the one we read before on 1 March 2026" in (
        response.content.decode()
    )
    assert len(news) == 1


def test_a_table_of_other_posts_replaces_the_older_one_of_that_name() -> None:
    client = signed_in(person("nora"))
    rows = [b"%d,2026-03-%02d 08:30,1\n" % (day, day) for day in range(1, 21)]
    upload(client, b"id,posted_at,likes\n" + b"".join(rows), name="Blog")

    response = upload(client, b"id,posted_at,likes\nnew,2026-03-01 08:30,1\n", name="Blog")

    assert response.status_code == 302
    assert Source.objects.count() == 1


def test_two_people_may_name_their_tables_alike() -> None:
    upload(signed_in(person("nora")), TABLE, name="Blog")
    upload(signed_in(person("tomas")), TABLE, name="Blog")

    assert Source.objects.filter(network="csv", selected=True).count() == 2


def test_an_account_that_somebody_else_linked_is_refused(news: list[Any]) -> None:
    SocialAccount.objects.create(user=person("nora"), provider="x", uid="4242")

    response = upload(signed_in(person("tomas")), an_x_archive(a_tweet()))

    assert response.status_code == 400
    assert "linked by somebody else here" in response.content.decode()
    assert not Source.objects.exists()
    assert not news


def test_a_proven_file_is_said_to_count_in_full() -> None:
    nora = person("nora")
    SocialAccount.objects.create(user=nora, provider="x", uid="4242")

    response = upload(signed_in(nora), an_x_archive(a_tweet()))

    assert "it counts in full" in " ".join(said(response))


def test_looking_into_a_file_says_what_it_is_and_counts_nothing(
    temporary: Path, news: list[Any]
) -> None:
    book = linkedin_workbook([linkedin_post(NOW), None, 41])

    response = upload(signed_in(person("nora")), book, look="1")

    page = response.content.decode()
    assert response.status_code == 200
    assert "Recognised as: LinkedIn analytics." in page
    assert "Read 1 post from LinkedIn profile" in page
    assert "Nothing was counted." in page
    assert "Impressions: 12,345" in page
    assert not Source.objects.exists()
    assert not news


def looked_into(client: Client, content: bytes) -> dict[str, str]:
    """Look into a file; return what the form that counts it sends."""
    page = upload(client, content, look="1").content.decode()
    form = page.partition('aria-labelledby="looked"')[2].partition("</form>")[0]
    found = re.findall(r'name="(looked|filename)" value="([^"]*)"', form)
    assert ('id="looked-name"' in form) is (content is TABLE)
    return {name: html.unescape(value) for name, value in found}


def test_a_file_that_was_looked_into_is_counted_without_being_sent_again(
    temporary: Path, news: list[Any]
) -> None:
    client = signed_in(person("nora"))
    form = looked_into(client, an_x_archive(a_tweet()))
    kept = [path.stat().st_mode & 0o077 for path in temporary.iterdir()]

    response = client.post(reverse("archive_upload"), form)

    assert kept == [0]
    assert response["Location"] == reverse("first_scoring")
    assert Source.objects.get().title == "@nora_bakes"
    assert len(news) == 1
    assert not list(temporary.iterdir())


def test_looking_into_a_table_needs_no_name_and_counting_it_does(temporary: Path) -> None:
    client = signed_in(person("nora"))
    form = looked_into(client, TABLE)

    nameless = client.post(reverse("archive_upload"), {**form, "name": " "})
    again = client.post(reverse("archive_upload"), {**form, "name": "My Blog"})

    assert "Give it a name" in nameless.content.decode()
    assert f'value="{form["looked"]}"' in nameless.content.decode()
    assert again.status_code == 302
    assert Source.objects.get().title == "My Blog"
    assert not list(temporary.iterdir())


def test_only_the_file_that_was_looked_into_last_is_kept_and_no_other_is_counted_for_it(
    temporary: Path,
) -> None:
    client = signed_in(person("nora"))
    first = looked_into(client, an_x_archive(a_tweet()))
    looked_into(client, an_x_archive(a_tweet(), a_tweet(id_str="2")))

    response = client.post(reverse("archive_upload"), first)

    assert len(list(temporary.iterdir())) == 1
    assert response.status_code == 400
    assert "The file you looked into is no longer here" in response.content.decode()
    assert not Source.objects.exists()


def test_what_somebody_looked_into_is_theirs_alone(temporary: Path) -> None:
    form = looked_into(signed_in(person("nora")), an_x_archive(a_tweet()))

    response = signed_in(person("tomas")).post(reverse("archive_upload"), form)

    assert response.status_code == 400
    assert not Source.objects.exists()


def test_a_file_that_was_looked_into_can_be_deleted_at_once(temporary: Path) -> None:
    client = signed_in(person("nora"))
    form = looked_into(client, an_x_archive(a_tweet()))

    client.post(reverse("archive_upload"), {**form, "forget": "1"})

    assert not list(temporary.iterdir())


def test_a_file_that_was_looked_into_and_left_is_swept_after_an_hour(temporary: Path) -> None:
    looked_into(signed_in(person("nora")), an_x_archive(a_tweet()))
    soon, late = (timezone.now() + timedelta(minutes=minutes) for minutes in (50, 70))

    swept = [uploads.sweep(wanted=(), now=now) for now in (soon, late)]

    assert swept == [0, 1]
    assert not list(temporary.iterdir())


BAD: list[tuple[bytes, str]] = [
    (b"", "This file is empty"),
    (b"\x89PNG\r\n\x1a\n", "This is a picture (PNG), and not a file that we can count posts of."),
    (b"\0\0\0\x18ftypmp42", "This is a video"),
    (b"%PDF-1.7", "This is a PDF"),
    (an_x_archive(a_tweet())[:200], "cut off"),
    (a_zip({"../data/tweets.js": "[]"}), "points outside of the zip"),
    (a_zip({"cat.jpg": b"meow"}), "nothing that we can count"),
    (an_x_archive(tweets="<html>"), "does not hold a list"),
    (an_x_archive(a_tweet(favorite_count="-1")), "“-1” likes, which cannot be"),
    (an_x_archive(a_tweet(), account=an_account(accountId="x")), "names no account id"),
    (an_x_archive(a_tweet(created_at="Wed Oct 10 20:19:24 +0000 2096")), "yet to come"),
    (x_content({"Likes": "-1"}), "column likes: “-1” is below 0"),
    (linkedin_workbook([linkedin_post(NOW), None, -1]), "row 4, column C: “-1” is below 0"),
    (instagram_export(instagram_post(NOW, Likes="-1")), "“-1” is below 0"),
    (a_tar(mastodon_files(a_note(1, likes={"totalItems": -1}))), "-1 likes, which cannot be"),
    (b"a;b\n1;2\n", "posted_at is missing"),
    (b"posted_at,likes\n2096-01-01 00:00,-4\n", "Row 2, column likes: “-4” is below 0"),
    (b"posted_at,likes\n2096-01-01 00:00,<b>\n", "Row 2, column likes: “&lt;b&gt;”"),
    (b"posted_at,likes\n\xe9,1\n", "not UTF-8"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD)
def test_a_bad_file_is_answered_with_a_sentence_and_changes_nothing(
    content: bytes, sentence: str, temporary: Path, news: list[Any]
) -> None:
    client = signed_in(person("nora"))

    response = upload(client, content, name="Blog")

    page = response.content.decode()
    assert response.status_code == 400
    assert sentence in page
    assert 'role="alert"' in page
    assert not Source.objects.exists()
    assert not SyncRun.objects.exists()
    assert not news
    assert not list(temporary.iterdir())


def test_pressing_the_button_without_a_file_says_so() -> None:
    response = signed_in(person("nora")).post(reverse("archive_upload"), {})

    assert response.status_code == 400
    assert "Choose a file" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give it a name"),
        ("   ", "Give it a name"),
        ("!!!", "at least one letter or digit"),
        ("a" * 61, "at most 60"),
        ("Bl\0og", "Null characters"),
    ],
)
def test_a_table_needs_a_name_to_be_known_by(name: str, sentence: str, temporary: Path) -> None:
    response = upload(signed_in(person("nora")), TABLE, name=name)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not Source.objects.exists()
    assert not list(temporary.iterdir())


def test_a_count_larger_than_four_bytes_is_kept_as_it_is() -> None:
    table = b"posted_at,likes\n2026-03-01 08:30,3000000000\n2026-03-02 08:30,1000000000000\n"

    response = upload(signed_in(person("nora")), table, name="Blog")

    assert response.status_code == 302
    assert SyncRun.objects.get().reactions == 1_003_000_000_000


def test_a_name_whose_short_form_is_long_still_tells_tables_apart() -> None:
    client = signed_in(person("nora"))
    # One ligature of eighteen letters a character; they differ in the last.
    names = ["\ufdfa" * 60, "\ufdfa" * 59 + "a", "\ufdfa" * 60]

    codes = [upload(client, TABLE, name=name).status_code for name in names]

    assert codes == [302, 302, 302]
    assert Source.objects.count() == 2


def test_the_name_is_still_there_after_a_refusal() -> None:
    response = upload(signed_in(person("nora")), b"a,b\n", name='Blog "one"')

    assert 'value="Blog &quot;one&quot;"' in response.content.decode()


def test_a_file_that_is_too_large_is_refused_and_never_written(
    settings: Any, temporary: Path
) -> None:
    settings.ARCHIVE_MAX_BYTES = 1000

    response = upload(signed_in(person("nora")), b"PK" * 100_000)

    assert response.status_code == 413
    assert "larger than" in response.content.decode()
    assert not Source.objects.exists()
    assert not list(temporary.iterdir())


def test_a_file_just_above_the_limit_is_refused_too(settings: Any, temporary: Path) -> None:
    settings.ARCHIVE_MAX_BYTES = 1000

    response = upload(signed_in(person("nora")), b"PK" * 501)

    assert response.status_code == 413
    assert not list(temporary.iterdir())


def test_no_other_page_takes_a_file(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts import uploads

    begun: list[str] = []
    parent = uploads.TemporaryFileUploadHandler.new_file
    monkeypatch.setattr(
        uploads.TemporaryFileUploadHandler,
        "new_file",
        lambda self, *args, **kwargs: (begun.append("file"), parent(self, *args, **kwargs))[1],
    )
    client = signed_in(person("nora"))

    client.post(reverse("account_logout"), {"file": SimpleUploadedFile("a.bin", b"a" * 100)})

    assert not begun
    assert not list(temporary.iterdir())


def test_the_example_is_a_table_that_is_accepted_as_it_is() -> None:
    client = signed_in(person("nora"))
    example = client.get(reverse("archive_example"))

    response = upload(client, example.content, name="Example")

    source = Source.objects.get()
    assert example["Content-Type"].startswith("text/csv")
    assert response.status_code == 302
    assert source.last_post_at is not None
    assert source.last_post_at < timezone.now()


def test_the_page_makes_no_queries_of_its_own(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    client = signed_in(person("nora"))

    with django_assert_max_num_queries(4):
        client.get(reverse("archive_upload"))
