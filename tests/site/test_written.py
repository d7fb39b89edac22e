"""What people write holds no letter that cannot be seen; who is told so loses nothing."""

import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

from accounts import written
from accounts.models import Case, User
from perks import asking, replies
from perks.models import Campaign, Feedback
from perks.refusals import No, Refused
from scoring.models import PlusK, PlusKMember
from tests.perks.scenes import campaign_of, claimant
from tests.perks.test_claims import claimed
from tests.scoring.builders import NOW, person
from tests.scoring.pages import at_noon, browser_of
from tests.scoring.plusk_scenes import showing
from tests.site.test_house_rules import APPS

__all__ = ["at_noon"]
TURNED = "evil\N{RIGHT-TO-LEFT OVERRIDE}txt"
# Where NUL is taken from what only searches or names something, and is not kept.
LOOKED_UP = {
    "accounts/written.py", "perks/api.py", "perks/posts.py", "perks/views/ops_people.py",
    "perks/views/perk.py", "scoring/views/taxonomy.py",
}  # fmt: skip
# Fields whose words are held to the rule where they are kept, or that allow a to z alone.
HELD_LATER = {"perks/forms.py": 2, "accounts/views/profile.py": 1}


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "text",
    [TURNED, "a\u2066b", "a\u200eb", "a\x1bb", "a\u2028b", "\ud800", "\u200d", " \u200b\n\u200b"],
)
def test_letters_that_cannot_be_seen_are_refused(text: str) -> None:
    with pytest.raises(written.UnseenError, match="cannot be seen"):
        written.lines(text)


@pytest.mark.one_engine
def test_every_script_ends_of_lines_and_emoji_are_kept() -> None:
    text = "می\u200cخواهم\nक्\u200dष\t👩\u200d💻\r\nשָׁלוֹם សួស្តី\u200bអ្នក"

    assert written.lines(f" {text}\x00 ") == text
    assert written.line("  forms \x00 without\n JavaScript ") == "forms without JavaScript"


@pytest.mark.django_db
@pytest.mark.one_engine
def test_forms_refuse_them_and_keep_the_text() -> None:
    nora, _ahmed = person("nora"), showing("ahmed")
    case = Case.objects.create(user=nora, subject="A question", opened_at=NOW, changed_at=NOW)
    client = browser_of(nora)
    forms = {
        "/plusk/give/": {"to": "@ahmed", "topic": "django", "because": TURNED},
        "/cases/ask/": {"text": TURNED},
        f"/cases/{case.pk}/": {"text": TURNED},
        "/topics/mine/django/wrong/": {"words": TURNED},
        "/settings/": {"display_name": TURNED, "time_zone": "UTC"},
        "/settings/profile/": {"display_name": TURNED},
        "/settings/profile/?": {"bio": TURNED},
    }

    pages = [client.post(path, fields) for path, fields in forms.items()]

    for path, page in zip(forms, pages, strict=True):
        body = page.content.decode()
        assert page.status_code == 400, path
        assert "There is a letter in it that cannot be seen." in body, path
        assert TURNED in body, path
    assert not PlusK.objects.exists()
    assert not PlusKMember.objects.filter(user=nora).exists()
    assert not case.messages.exists()
    assert Case.objects.count() == 1
    assert User.objects.get(pk=nora.pk).display_name == nora.display_name


@pytest.mark.django_db
@pytest.mark.one_engine
def test_words_about_a_perk_and_where_it_goes_are_held_to_it() -> None:
    nora, campaign = claimant(), campaign_of(1)
    mine = claimed(nora, campaign)
    campaign.delivery = Campaign.Delivery.PARCEL

    with pytest.raises(Refused) as words:
        replies.rate(user_id=nora.pk, ref=mine.ref, stars=5, words=TURNED, now=NOW)
    with pytest.raises(Refused) as address:
        asking.address(campaign, TURNED)

    assert words.value.no is address.value.no is No.UNSEEN
    assert not Feedback.objects.exists()


@pytest.mark.one_engine
def test_nothing_else_tidies_what_is_kept_and_each_field_is_checked() -> None:
    tidied, unchecked = set(), dict.fromkeys(HELD_LATER, 0)

    for name, call in calls():
        if r".replace('\x00'" in ast.unparse(call):
            tidied.add(name)
        checked = any(one.arg == "validators" for one in call.keywords)
        if ast.unparse(call.func) == "forms.CharField" and not checked:
            unchecked[name] = unchecked.get(name, 0) + 1

    assert tidied == LOOKED_UP
    assert unchecked == HELD_LATER


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield each call in the product, and the file that it is in."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if "forms.CharField(" in (text := path.read_text()) or r"\x00" in text:
                for node in ast.walk(ast.parse(text)):
                    if isinstance(node, ast.Call):
                        yield path.relative_to(settings.BASE_DIR).as_posix(), node
