"""Every page a person can open, and what must be there before it shows what it is for.

Add an entry for each new page: all the checks of test_pages.py then hold for it, and
`python -m tests.browser.shots FOLDER` takes its picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse
from django.utils import timezone

from accounts import handles, notices
from accounts.models import Audience, Profile, User
from perks import samples, telling
from perks.models import Campaign
from scoring import plusk
from scoring.models import PlusK
from tests.browser import (
    link_pages,
    notice_pages,
    perk_ops_pages,
    perk_pages,
    support_pages,
)
from tests.scoring import (
    badge_scenes,
    people_scenes,
    plusk_scenes,
    scenes,
    supposing,
    topic_scenes,
)
from tests.scoring.builders import with_page


@dataclass(frozen=True)
class Visit:
    """Who opens which address."""

    path: str
    user: User | None = None
    just_signed_in: bool = True  # False: pages that guard the account ask once more


@dataclass(frozen=True)
class PageEntry:
    """One page: the name of its picture, what makes it ready, the status it answers with.

    most: bytes of its HTML; what is looked things up in may be longer.
    """

    name: str
    prepare: Callable[[], Visit]
    status: int = 200
    most: int = 30_000


def ada() -> User:
    """Return a member with a password and no links yet."""
    user = User.objects.create_user("ada", "ada@example.org", "correct horse battery")
    user.display_name = "Ada"
    user.save()
    return user


def _public(url_name: str, **arguments: str) -> Callable[[], Visit]:
    return lambda: Visit(reverse(url_name, kwargs=arguments))


def _members(url_name: str, **arguments: str) -> Callable[[], Visit]:
    return lambda: Visit(reverse(url_name, kwargs=arguments), user=ada())


def _of_a_long_name() -> User:
    """Return a member whose name fills the head of a page on a phone, with a notice beside it."""
    user = ada()
    user.display_name = "Adalbertina Wolfeschlegelstein"
    user.save()
    now = timezone.now()
    notices.tell(person_id=user.pk, kind="first_score", key="1", now=now, values={"score": "50.4"})
    return user


def _asked_once_more() -> Visit:
    return Visit(reverse("account_reauthenticate"), user=ada(), just_signed_in=False)


def _first_password() -> Visit:
    user = ada()
    user.set_unusable_password()
    user.save()
    return Visit(reverse("account_set_password"), user=user)


def _with_app(url_name: str) -> Callable[[], Visit]:
    """Return a visit by someone with an authenticator app and recovery codes."""

    def prepare() -> Visit:
        user = ada()
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
        return Visit(reverse(url_name), user=user)

    return prepare


def _with_network() -> Visit:
    user = ada()
    SocialAccount.objects.create(user=user, provider="sandbox", uid="made-up")
    return Visit(reverse("socialaccount_connections"), user=user)


def _linked(prepare: Callable[[], link_pages.Prepared]) -> Callable[[], Visit]:
    return lambda: Visit(*prepare())


_LINKS = {
    "start": link_pages.start,
    "choose": link_pages.choose,
    "choose-one": link_pages.choose_one,
    "choose-again": link_pages.choose_again,
    "choose-nothing": link_pages.choose_nothing_listed,
    "links": link_pages.links,
    "links-none": link_pages.no_links,
    "link-broken": link_pages.broken_link,
    "link-healthy": link_pages.healthy_link,
    "link-archive": link_pages.archive_link,
    "link-checked": link_pages.checked_link,
    "link-checking": link_pages.checking_link,
    "link-halted": link_pages.halted_link,
    "link-compare": link_pages.compare,
    "unlink": link_pages.unlink,
    "unlink-only-way-in": link_pages.unlink_only_way_in,
    "what-we-read": link_pages.what_we_read,
    "settings": link_pages.settings,
}

_SUPPORT = {
    "case-ask": support_pages.ask,
    "cases": support_pages.listed,
    "cases-none": support_pages.no_cases,
    "case": support_pages.one,
    "mails-stop": support_pages.stop,
    "mails": notice_pages.mails,
    "notes": notice_pages.notes,
    "ops": support_pages.networks,
    "ops-networks": support_pages.set_up,
    "ops-cases": support_pages.to_answer,
    "ops-case": support_pages.answering,
    "ops-perk": perk_ops_pages.campaign,
    "ops-perk-edit": perk_ops_pages.edit,
    "ops-perk-report": perk_ops_pages.report,
}

_PERKS = {
    "perks": perk_pages.listed,
    "perk": perk_pages.nearly,
    "perk-claim": perk_pages.claiming,
    "perk-mine": perk_pages.claimed,
    "perk-correct": perk_pages.correcting,
    "perk-give-back": perk_pages.giving_back,
}


def _scene(
    url_name: str, people: Callable[[], User], query: str = "", **arguments: str
) -> Callable[[], Visit]:
    """Return a visit by somebody whose score or topics are in a state worth looking at."""
    return lambda: Visit(reverse(url_name, kwargs=arguments) + query, user=people())


def _among_many() -> User:
    """Return somebody known for Django, among more people than are needed to rank them."""
    nora = topic_scenes.settled()
    with_page(nora)
    topic_scenes.crowd("django", named=11, unnamed=2)
    return nora


def _plusk(url_name: str) -> Callable[[], Visit]:
    """Return a visit by somebody who gave and got +K, to the log or to give to one who did."""

    def prepare() -> Visit:
        nora, _ahmed = plusk_scenes.among_friends(now=timezone.now())
        query = "?to=@ahmed" if url_name == "plusk_give" else ""
        return Visit(reverse(url_name) + query, user=nora)

    return prepare


def _to_nobody() -> Visit:
    return Visit(reverse("plusk_give") + "?to=@nobody", user=ada())


def _plusk_reported() -> Visit:
    """Return a visit by an operator to a +K that was reported."""
    nora, _ahmed = plusk_scenes.among_friends(now=timezone.now())
    one = PlusK.objects.filter(receiver__user=nora).earliest("pk")
    plusk.report(user_id=nora.pk, plusk_id=one.pk, now=timezone.now())
    return Visit(reverse("ops_plusk"), user=support_pages.olga())


def _scored_and_known() -> User:
    """Return somebody with a long history and topics."""
    nora = scenes.scored()
    topic_scenes.speak(nora.sources.get(title="Map Room Lisbon"), now=timezone.now())
    return nora


def _at_home() -> User:
    """Return such a person with +K of others, and told of perks that are open."""
    nora, now = _scored_and_known(), timezone.now()
    SocialAccount.objects.create(user=nora, provider="sandbox", uid="uid of nora")
    with_page(nora)
    plusk.give(
        giver_id=plusk_scenes.showing("ahmed", now=now).pk,
        receiver_id=nora.pk,
        topic="django",
        because="Your talk on forms without JavaScript changed how we build ours",
        now=now,
    )
    samples.make(now=now, takers=[])
    for campaign in Campaign.objects.all():
        telling.tell(campaign_id=campaign.pk, now=now)
    return nora


def _with_page() -> User:
    """Return such a person who shows everything to everyone."""
    nora = _scored_and_known()
    handles.take(nora, "nora", now=timezone.now())
    items = (
        "page",
        "score",
        "history",
        "topics",
        "plusk",
        "badges",
        "style",
        "moments",
        "networks",
    )
    shown = dict.fromkeys(items, Audience.EVERYONE)
    Profile.objects.create(user=nora, bio="Maps of harbours, old and new.", findable=True, **shown)
    badge_scenes.decorate(nora)
    plusk.give(
        giver_id=plusk_scenes.showing("rosa", now=timezone.now()).pk,
        receiver_id=nora.pk,
        topic="django",
        because="Your talk on forms without JavaScript changed how we build ours",
        public=True,
        now=timezone.now(),
    )
    return nora


def _with_secret() -> User:
    """Return such a person who also has an address that nobody guesses."""
    nora = _with_page()
    Profile.objects.filter(user=nora).update(secret="kO3n_vJ5dWb1Tq9sXy7RzA")
    return nora


def _seen_by(viewer: Callable[[], User] | None, path: str) -> Callable[[], Visit]:
    """Return a visit to what somebody with an open page shows."""

    def prepare() -> Visit:
        _with_page()
        return Visit(path, user=viewer() if viewer else None)

    return prepare


PAGES = [
    PageEntry("landing", _public("landing")),
    PageEntry("how-it-counts", _public("how_it_counts")),
    PageEntry("not-found", lambda: Visit("/nothing-here/"), status=404),
    PageEntry("not-found-signed-in", lambda: Visit("/nothing-here/", user=ada()), status=404),
    # allauth's pages, signed out
    PageEntry("sign-in", _public("account_login")),
    PageEntry("sign-up", _public("account_signup")),
    PageEntry("password-reset", _public("account_reset_password")),
    PageEntry("password-reset-sent", _public("account_reset_password_done")),
    PageEntry("password-reset-changed", _public("account_reset_password_from_key_done")),
    PageEntry(
        "password-reset-old-link",
        _public("account_reset_password_from_key", uidb36="1", key="spent"),
    ),
    PageEntry("email-old-link", _public("account_confirm_email", key="spent")),
    PageEntry("email-sent", _public("account_email_verification_sent")),
    PageEntry("account-closed", _public("account_inactive")),
    PageEntry("said-no", _public("socialaccount_login_cancelled")),
    PageEntry("network-go", _public("sandbox_login")),
    PageEntry("bluesky-handle", _public("bluesky_start")),
    PageEntry("bluesky-handle-signed-in", _members("bluesky_start")),
    # allauth's pages, signed in
    PageEntry("sign-out", _members("account_logout")),
    PageEntry("email", _members("account_email")),
    PageEntry("password-change", _members("account_change_password")),
    PageEntry("password-set", _first_password),
    PageEntry("still-you", _asked_once_more),
    PageEntry("connections", _with_network),
    PageEntry("connections-none", _members("socialaccount_connections")),
    PageEntry("second-factor", _members("mfa_index")),
    PageEntry("second-factor-on", _with_app("mfa_index")),
    PageEntry("second-factor-set-up", _members("mfa_activate_totp")),
    PageEntry("second-factor-off", _with_app("mfa_deactivate_totp")),
    PageEntry("second-factor-again", _with_app("mfa_reauthenticate")),
    PageEntry("recovery-codes", _with_app("mfa_view_recovery_codes")),
    PageEntry("recovery-codes-new", _with_app("mfa_generate_recovery_codes")),
    PageEntry("keys", _members("mfa_list_webauthn")),
    PageEntry("keys-add", _members("mfa_add_webauthn")),
    # linking
    PageEntry("archive", _members("archive_upload")),
    # the score
    PageEntry("home-nothing-linked", _members("home")),
    PageEntry("home-not-enough", _scene("home", scenes.not_enough)),
    PageEntry("home-first-day", _scene("home", scenes.first_day)),
    PageEntry("home", _scene("home", _at_home)),
    PageEntry("score-none", _members("score")),
    PageEntry("score-few-days", _scene("score", scenes.few_days)),
    PageEntry("score", _scene("score", scenes.scored)),
    PageEntry("score-parts", _scene("score", scenes.scored, "?range=all&show=parts")),
    PageEntry("score-try", _scene("score_try", supposing.settled, "?replies=12&to=23&rest=3")),
    PageEntry("why-none", _members("why")),
    PageEntry("why-first-day", _scene("why", scenes.first_day)),
    PageEntry("why", _scene("why", scenes.scored)),
    PageEntry("why-bad-days", _scene("why", scenes.scored, "?from=yesterday"), status=400),
    PageEntry("first-scoring-nothing-linked", _members("first_scoring")),
    PageEntry("first-scoring", _scene("first_scoring", scenes.being_read)),
    PageEntry("first-scoring-done", _scene("first_scoring", scenes.just_scored)),
    # topics
    PageEntry("my-topics", _scene("my_topics", _among_many)),
    PageEntry("my-topics-none", _scene("my_topics", topic_scenes.nothing_said, "?add=xyzzy")),
    PageEntry("my-topic", _scene("my_topic", _among_many, slug="django")),
    PageEntry("topics", _members("topics")),
    PageEntry("topics-search", _scene("topics", ada, "?q=dj")),
    PageEntry("topic-unknown", _members("topic", slug="web-dev"), status=404),
    PageEntry("topic", _scene("topic", _among_many, slug="django")),
    PageEntry("topic-signed-out", _seen_by(None, "/topics/django/")),
    # badges and style
    PageEntry("badges", _scene("badges", badge_scenes.decorated)),
    PageEntry("badges-none", _scene("badges", badge_scenes.nearly)),
    PageEntry("badge", _scene("badge", badge_scenes.decorated, slug="likes")),
    PageEntry("badge-shown", _seen_by(ada, "/@nora/badges/likes/")),
    PageEntry("klout-page", _seen_by(None, "/nora")),
    PageEntry("style", _scene("style", badge_scenes.decorated)),
    # among people
    PageEntry("moments", _scene("moments", _scored_and_known)),
    PageEntry("compare", _scene("compare", people_scenes.among_scores, "?a=nora&b=person1&c=zoe")),
    PageEntry("pulse", _scene("pulse", people_scenes.among_scores, "?of=all")),
    PageEntry("moved", _scene("moved", people_scenes.moved_each_other)),
    PageEntry("when", _scene("when", people_scenes.heard_in_the_morning)),
    # what others see
    PageEntry("profile", _seen_by(None, "/@nora"), most=40_000),  # every part is open
    PageEntry("profile-signed-in", _seen_by(ada, "/@nora"), most=40_000),
    PageEntry("api", _seen_by(None, "/api/"), most=200_000),
    PageEntry("tokens", _seen_by(_of_a_long_name, "/settings/tokens/")),
    PageEntry("embed", _scene("embed", _with_page, "?kind=card")),
    PageEntry("embed-secret", _scene("embed", _with_secret, "?kind=card")),
    PageEntry("profile-settings", _scene("profile_settings", _with_page)),
    PageEntry("people", _seen_by(ada, "/people/?q=nor")),
    # +K
    PageEntry("plusk", _plusk("plusk")),
    PageEntry("plusk-none", _members("plusk")),
    PageEntry("plusk-give", _plusk("plusk_give")),
    PageEntry("plusk-reported", _plusk_reported),
    PageEntry("plusk-nobody", _to_nobody, status=404),
    *(PageEntry(name, _linked(prepare)) for name, prepare in (_LINKS | _SUPPORT | _PERKS).items()),
]
