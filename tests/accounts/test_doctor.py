"""The doctor names the true cause: each way in which a link breaks, staged on a real server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import access, connectors, doctor, health, linking
from accounts.checks import Visit
from accounts.checkup import Check, Status, cause
from accounts.connectors.base import Code
from accounts.models import SandboxFault, Source
from accounts.sandbox.faults import Fault
from scoring import jobs, work
from scoring.models import Job
from tests.accounts import builders
from tests.accounts.builders import NOW, person, signed_in
from tests.accounts.fakes import FAKES, fake_of
from tests.accounts.fakes.base import Fake
from tests.accounts.fakes.linkedin import PAGE
from tests.accounts.fakes.meta import refusal
from tests.fault_server import FaultServer, reply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("insecure")]

DAY = timedelta(days=1)


@dataclass
class Scene:
    """One link of somebody with everything in order, for a case to break."""

    source: Source
    fake: Any  # the network's fake; None for the sandbox, which is in this process
    settings: Any
    now: datetime

    @property
    def grant(self) -> Any:
        return self.source.grant

    def switch(self, fault: Fault, target: str = "") -> None:
        """Have the sandbox fail since an hour ago."""
        since = self.now - timedelta(hours=1)
        SandboxFault.objects.create(person="nora", target=target, fault=fault, since=since)

    def answer(self, path: str, answer: bytes) -> None:
        """Have the fake answer a path this way from now on."""
        self.fake.answer(path, lambda: answer)

    def configure(self, **changes: Any) -> None:
        """Set this site up otherwise for the network."""
        config = replace(self.fake.config(), **changes)
        self.settings.NETWORKS = {**self.settings.NETWORKS, self.fake.network: config}

    def change(self, **values: Any) -> None:
        """Change the row of the source."""
        Source.objects.filter(pk=self.source.pk).update(**values)


def linked(fake: Fake) -> Source:
    """Return the source of a fake's one person, linked an hour ago and read since."""
    held, now = fake.access(), timezone.now()
    account = SocialAccount.objects.create(
        user=person(), provider=fake.network, uid=held.account_id
    )
    granted = linking.Granted(
        token=held.token,
        refresh=held.refresh,
        key=held.key,
        server=held.server,
        scopes=held.scopes,
        asked=held.scopes,
    )
    grant = linking.keep_grant(account=account, granted=granted, now=now - DAY)
    row = builders.source(
        account.user,
        grant=grant,
        network=fake.network,
        external_id=fake.target_id,
        read_at=now - timedelta(hours=1),
        tried_at=now - timedelta(hours=1),
        code_since=now - DAY,
    )
    row.seal_target_token(held.target_token)
    row.save()
    return row


@pytest.fixture
def scene(request: pytest.FixtureRequest, settings: Any) -> Iterator[Scene]:
    """The link of `request.param`, a network."""
    if request.param == "sandbox":
        yield Scene(builders.source(person()), None, settings, NOW)
        return
    with fake_of(request.param)() as fake:
        settings.NETWORKS = {**settings.NETWORKS, request.param: fake.config()}
        yield Scene(linked(fake), fake, settings, timezone.now())


def visit(scene: Scene) -> Visit:
    source = Source.objects.select_related("grant__account").get(pk=scene.source.pk)
    return doctor.examine(source, clock=lambda: scene.now, progress=lambda _visit: None)


# What breaks the link, one function a way.


def fault(which: Fault, target: str = "") -> Callable[[Scene], None]:
    return lambda scene: scene.switch(which, target)


def answers(path: str, answer: bytes) -> Callable[[Scene], None]:
    return lambda scene: scene.answer(path, answer)


def sign(name: str) -> Callable[[Scene], None]:
    """Have the network answer as one of the signs of its fake."""

    def stage(scene: Scene) -> None:
        (found,) = [each for each in scene.fake.signs if each.name == name]
        scene.answer(found.path, found.answer)

    return stage


def row(**values: Any) -> Callable[[Scene], None]:
    return lambda scene: scene.change(**values)


def configured(**changes: Any) -> Callable[[Scene], None]:
    return lambda scene: scene.configure(**changes)


def fake_has(**values: Any) -> Callable[[Scene], None]:
    """Set what the fake knows."""

    def stage(scene: Scene) -> None:
        for name, value in values.items():
            setattr(scene.fake, name, value)

    return stage


def consent_without_the_page(scene: Scene) -> None:
    builders.grant(scene.source.user, places=["slow-atlas"], now=NOW - timedelta(hours=1))


def metric_retired(scene: Scene) -> None:
    scene.switch(Fault.METRIC_RETIRED)
    held = access.as_held(scene.grant)
    since = NOW - 90 * DAY
    connector = connectors.get("sandbox")
    read = connector.read(
        held, scene.source.external_id, since=since, now=NOW, progress=lambda _said: None
    )
    health.reading_succeeded(source_id=scene.source.pk, reading=read, started_at=NOW, now=NOW)


def has_it(scene: Scene) -> None:
    """Let the same page count for another person of this site."""
    scene.change(selected=False)
    builders.source(person("bob"), grant=builders.grant(person("eve"), who="jun"))


def unopenable(scene: Scene) -> None:
    scene.grant.sealed_token = "of an older key"
    scene.grant.save()


def nobody_listens(scene: Scene) -> None:
    scene.fake.stop()


def switched_off(scene: Scene) -> None:
    scene.settings.NETWORKS = {
        name: config
        for name, config in scene.settings.NETWORKS.items()
        if name != scene.fake.network
    }


def speaks_for_bobs(scene: Scene) -> None:
    """Answer with an account that another person linked here."""
    SocialAccount.objects.create(user=person("bob"), provider="github", uid="8")
    scene.fake.account |= {"id": 8, "login": "otto"}


def clock_a_day_ahead(scene: Scene) -> None:
    date = format_datetime(timezone.now() + DAY, usegmt=True)
    scene.answer("/", reply({}, Date=date))


def page_not_ticked(scene: Scene) -> None:
    only = {"scope": "pages_show_list", "target_ids": ["502"]}
    scene.fake.debugged["granular_scopes"] = [only]
    scene.fake.pages.clear()
    scene.fake.page("502", "Another page", key="canary-other")


def page_role_lost(scene: Scene) -> None:
    scene.fake.pages.clear()
    scene.fake.page("502", "Another page", key="canary-other")
    scene.answer("/v25.0/501/published_posts", refusal(190, sub=492))


def page_role_small(scene: Scene) -> None:
    scene.fake.pages[0]["tasks"] = ["ADVERTISE"]


def password_changed(scene: Scene) -> None:
    words = "The session has been invalidated because the user changed their password"
    error = {"code": 190, "subcode": 460, "message": words}
    scene.fake.debugged |= {"is_valid": False, "error": error}


def unticked(scene: Scene) -> None:
    scene.fake.debugged["scopes"].remove("pages_read_engagement")


def dead(scene: Scene) -> None:
    scene.fake.alive.clear()


def scope_shrunk(scene: Scene) -> None:
    scene.fake.scopes = scene.fake.scopes[:1] + scene.fake.scopes[2:]


def used_twice(scene: Scene) -> None:
    scene.fake.token, scene.fake.refresh_token = "another", "another"


def session_ended(scene: Scene) -> None:
    for held in scene.fake.sessions:
        held.alive = False


def other_channel(scene: Scene) -> None:
    scene.fake.channel |= {"id": "UC8"}


def suspended(scene: Scene) -> None:
    scene.fake.account["is_suspended"] = True


def all_hidden(scene: Scene) -> None:
    scene.fake.videos.clear()
    scene.change(last_post_at=scene.now - 2 * DAY)


C = Check
# What is wrong -> (network, how it is staged, which check must name it, as which finding).
CASES: dict[str, tuple[str, Callable[[Scene], None], Check, str]] = {
    "the person took the access back": ("sandbox", fault(Fault.REVOKED), C.TOKEN, "revoked"),
    "the consent ran out": ("sandbox", fault(Fault.EXPIRED), C.TOKEN, "expired"),
    "a permission was unticked": (
        "sandbox", fault(Fault.SCOPE_MISSING), C.SCOPES, "scope_missing"),
    "the role was lost after linking": (
        "sandbox", fault(Fault.ROLE_LOST, "maproom-lisbon"), C.ROLE, "role_lost"),
    "consent was given without the page": (
        "sandbox", consent_without_the_page, C.ROLE, "source_not_granted"),
    "asked too often": ("sandbox", fault(Fault.RATE_LIMITED), C.SERVER, "rate_limited"),
    "the network is down": ("sandbox", fault(Fault.SERVER_ERROR), C.SERVER, "transient"),
    "garbled answers": ("sandbox", fault(Fault.MALFORMED), C.IDENTITY, "contract"),
    "an empty list that cannot be": (
        "sandbox", fault(Fault.EMPTY, "maproom-lisbon"), C.READING, "contract"),
    "the account is gone": ("sandbox", fault(Fault.GONE), C.IDENTITY, "gone"),
    "the page is gone": ("sandbox", fault(Fault.GONE, "maproom-lisbon"), C.ROLE, "gone"),
    "a metric was retired": ("sandbox", metric_retired, C.COUNTING, "limited"),
    "the clock is off by a day": ("sandbox", fault(Fault.CLOCK_OFF), C.CLOCK, "clock_off"),
    "the key of this site is refused": (
        "sandbox", fault(Fault.APP_REFUSED), C.OURS, "app_config"),
    "linked to another person here": ("sandbox", has_it, C.COUNTING, "linked_elsewhere"),
    "not chosen": ("sandbox", row(selected=False), C.COUNTING, "not_chosen"),
    "paused": ("sandbox", row(paused_at=NOW), C.COUNTING, "paused"),
    "nobody read it for days": (
        "sandbox", row(read_at=NOW - 3 * DAY, tried_at=NOW - 3 * DAY), C.COUNTING, "stale"),
    "our key to the token is lost": ("github", unopenable, C.TOKEN, "expired"),
    "GitHub forgot the token": ("github", dead, C.TOKEN, "revoked"),
    "the app key is wrong on our side": (
        "github", configured(client_secret="wrong"), C.OURS, "app_config"),
    "it answers for somebody else": (
        "github", sign("somebody else's key"), C.IDENTITY, "other_account"),
    "it answers for another person's account": (
        "github", speaks_for_bobs, C.IDENTITY, "linked_elsewhere"),
    "the account was suspended": ("github", sign("a suspended person"), C.IDENTITY, "gone"),
    "the operator switched it off": ("github", switched_off, C.OURS, "switched_off"),
    "nobody listens any more": ("github", nobody_listens, C.SERVER, "transient"),
    "Facebook: the page was not ticked": (
        "facebook", page_not_ticked, C.ROLE, "source_not_granted"),
    "Facebook: the role was taken": ("facebook", page_role_lost, C.ROLE, "role_lost"),
    "Facebook: the role became too small": ("facebook", page_role_small, C.ROLE, "role_lost"),
    "Facebook: a new password": ("facebook", password_changed, C.TOKEN, "revoked"),
    "Facebook: ended, yet listed as connected": ("facebook", dead, C.TOKEN, "expired"),
    "Facebook: a permission was unticked": ("facebook", unticked, C.SCOPES, "scope_missing"),
    "Facebook: clocks a day apart": ("facebook", clock_a_day_ahead, C.CLOCK, "clock_off"),
    "Facebook: the app is in development": (
        "facebook", sign("an app in development"), C.OURS, "app_not_approved"),
    "Facebook: our secret is wrong": (
        "facebook", configured(client_secret="wrong"), C.OURS, "app_config"),
    "Instagram: it is a personal account": (
        "instagram", sign("a personal account"), C.ROLE, "wrong_account_type"),
    "Instagram: signed out everywhere": ("instagram", dead, C.TOKEN, "revoked"),
    "Threads: a private profile after 90 days": (
        "threads", sign("a private profile after 90 days"), C.SCOPES, "scope_missing"),
    "LinkedIn: ended, yet listed as connected": (
        "linkedin", fake_has(status="expired"), C.TOKEN, "expired"),
    "LinkedIn: taken back": ("linkedin", fake_has(status="revoked"), C.TOKEN, "revoked"),
    "LinkedIn: no longer an administrator": (
        "linkedin", fake_has(roles=[(PAGE, "ANALYST")]), C.ROLE, "role_lost"),
    "LinkedIn: a version that ended": (
        "linkedin", sign("a version that has ended"), C.OURS, "app_config"),
    "LinkedIn: our secret is wrong": (
        "linkedin", configured(client_secret="wrong"), C.OURS, "app_config"),
    "LinkedIn: the permissions shrank": ("linkedin", scope_shrunk, C.SCOPES, "scope_missing"),
    "LinkedIn: no approval for pages": (
        "linkedin", sign("not approved for pages"), C.OURS, "app_not_approved"),
    "X: the renewal was used twice": ("x", used_twice, C.TOKEN, "revoked"),
    "X: no credit left": ("x", sign("no credit left"), C.TOKEN, "quota_exhausted"),
    "TikTok: the videos were unticked": (
        "tiktok", fake_has(ticked=("user.info.basic", "user.info.profile", "user.info.stats")),
        C.SCOPES, "scope_missing"),
    "TikTok: every video is hidden": ("tiktok", all_hidden, C.READING, "empty"),
    "YouTube: the day's quota": ("youtube", sign("the day's quota"), C.TOKEN, "quota_exhausted"),
    "YouTube: another channel was chosen": (
        "youtube", other_channel, C.IDENTITY, "other_account"),
    "Reddit: suspended": ("reddit", suspended, C.IDENTITY, "gone"),
    "Bluesky: the session was ended": ("bluesky", session_ended, C.TOKEN, "revoked"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "scene"), [(name, case[0]) for name, case in CASES.items()], indirect=["scene"]
)
def test_the_doctor_names_the_true_cause(name: str, scene: Scene) -> None:
    _network, stage, check, finding = CASES[name]
    stage(scene)

    named = cause(visit(scene).listed)

    assert named is not None
    assert (named.check, named.finding) == (check, finding), named


@pytest.mark.parametrize("scene", ["sandbox", *FAKES], indirect=True)
def test_where_nothing_is_wrong_nothing_is_named(scene: Scene) -> None:
    visited = visit(scene)

    assert [each for each in visited.listed if each.status is Status.FAIL] == []
    assert cause(visited.listed) is None
    assert visited.refused is None


def test_at_least_forty_cases_are_staged_and_all_networks_are_among_them() -> None:
    assert len(CASES) >= 40
    assert {network for network, *_ in CASES.values()} >= {"sandbox", *FAKES} - {"mastodon"}


def test_a_server_of_many_that_is_silent_for_two_weeks_may_have_ended(
    fault_server: FaultServer,
) -> None:
    now = timezone.now()
    account = SocialAccount.objects.create(
        user=person(), provider=f"mastodon:{fault_server.host}", uid="1"
    )
    granted = linking.Granted(token="t", scopes=("read",), server=fault_server.url())
    grant = linking.keep_grant(account=account, granted=granted, now=now - 60 * DAY)
    row = builders.source(
        account.user, grant=grant, network="mastodon", issuer=fault_server.host, external_id="1"
    )
    fault_server.stop()
    found = []

    for days in (13, 14):
        row.code, row.code_since = Code.TRANSIENT, now - days * DAY
        named = cause(doctor.examine(row, clock=lambda: now, progress=lambda _visit: None).listed)
        found.append((named.check, named.finding) if named else None)

    assert found == [(Check.SERVER, "transient"), (Check.SERVER, "server_gone")]


# What a visit leaves behind


def concluded(scene: Scene, *, at: datetime) -> Any:
    """Make a visit, have it written down, and return its row."""
    source = Source.objects.select_related("grant__account").get(pk=scene.source.pk)
    asked = doctor.ask_check(source=source, now=at)
    scene.now = at
    doctor.conclude(check=asked, visit=visit(scene), now=at)
    asked.refresh_from_db()
    scene.source.refresh_from_db()
    return asked


@pytest.mark.parametrize("scene", list(FAKES), indirect=True)
def test_no_key_of_anybody_is_written_down_with_a_visit(scene: Scene) -> None:
    held, config = access.as_held(scene.grant), scene.fake.config()
    secrets = (held.token, held.refresh, held.key, scene.source.target_token())

    written = concluded(scene, at=scene.now)

    kept = f"{written.results}{written.says}{written.posts}"
    assert len(written.results) == len(Check)
    known = [*secrets, config.client_secret]
    assert [secret for secret in known if secret and secret in kept] == []


@pytest.mark.parametrize("scene", ["sandbox"], indirect=True)
def test_one_visit_that_is_refused_is_a_slip_and_a_second_one_is_believed(scene: Scene) -> None:
    scene.switch(Fault.REVOKED)

    concluded(scene, at=NOW)
    once = scene.source.state_at(NOW)
    concluded(scene, at=NOW + timedelta(minutes=31))
    twice = scene.source.state_at(NOW)

    assert (once, twice) == (Source.State.HEALTHY, Source.State.NEEDS_YOU)
    assert [run.code for run in scene.source.runs.all()] == [Code.REVOKED, Code.REVOKED]


@pytest.mark.parametrize("scene", ["sandbox"], indirect=True)
def test_a_visit_that_finds_a_broken_link_well_has_it_read_again(scene: Scene) -> None:
    scene.change(code=Code.REVOKED, code_since=NOW - DAY, failures=3)

    concluded(scene, at=NOW)

    waiting = Job.objects.filter(kind=Job.Kind.COLLECT, subject=str(scene.source.pk))
    assert waiting.exists()


@pytest.mark.parametrize("scene", ["sandbox"], indirect=True)
def test_a_second_press_within_a_minute_asks_nobody(scene: Scene) -> None:
    doctor.ask_check(source=scene.source, now=NOW)

    with pytest.raises(linking.LinkingError, match="less than a minute ago"):
        doctor.ask_check(source=scene.source, now=NOW + timedelta(seconds=59))

    assert scene.source.checks.count() == 1


@pytest.mark.parametrize("scene", ["sandbox"], indirect=True)
def test_what_depends_on_a_broken_check_is_not_tried_and_the_rest_is(scene: Scene) -> None:
    scene.switch(Fault.REVOKED)

    listed = {each.check: each.status for each in visit(scene).listed}

    assert listed[Check.TOKEN] is Status.FAIL
    later = (Check.SCOPES, Check.IDENTITY, Check.ROLE, Check.READING)
    assert {listed[check] for check in later} == {Status.NOT_TRIED}
    assert {listed[check] for check in (Check.COUNTING, Check.CLOCK, Check.OURS)} == {Status.DONE}


# By the button


def press(scene: Scene, client: Client) -> str:
    """Press the button, let the worker do its work, and return the page in words."""
    client.post(reverse("link_check", args=[scene.source.pk]))
    while jobs.run_next(clock=timezone.now, handlers=work.HANDLERS):
        pass
    return client.get(reverse("link", args=[scene.source.pk])).content.decode()


@pytest.mark.parametrize("scene", ["linkedin"], indirect=True)
def test_the_page_says_what_the_network_itself_says_when_it_lists_us_as_connected(
    scene: Scene,
) -> None:
    scene.fake.status = "expired"

    page = press(scene, signed_in(scene.source.user))

    assert "LinkedIn says: this access is no longer valid." in page
    assert "an entry there is not access" in page
    assert "LinkedIn ends the access and keeps the entry" in page
    assert "broken here" in page


@pytest.mark.parametrize("later", ["read", "connected again"])
@pytest.mark.parametrize("scene", ["sandbox"], indirect=True)
def test_what_a_visit_found_is_past_once_a_read_or_a_connection_came_after(
    scene: Scene, later: str
) -> None:
    scene.switch(Fault.ROLE_LOST)
    client = signed_in(scene.source.user)
    before = press(scene, client)

    now = timezone.now()
    if later == "read":
        source_id, whole = scene.source.pk, builders.reading()
        health.reading_succeeded(source_id=source_id, reading=whole, started_at=now, now=now)
    else:
        again = linking.Granted("another-token")
        linking.keep_grant(account=scene.grant.account, granted=again, now=now)
    after = client.get(reverse("link", args=[scene.source.pk])).content.decode()

    assert "broken here" in before
    assert "What it told us: You no longer run" in before
    assert "broken here" not in after
    assert "What it told us:" not in after


@pytest.mark.parametrize("scene", ["github"], indirect=True)
def test_while_the_worker_is_away_the_page_waits_and_reloads_without_javascript(
    scene: Scene,
) -> None:
    client = signed_in(scene.source.user)

    client.post(reverse("link_check", args=[scene.source.pk]))
    page = client.get(reverse("link", args=[scene.source.pk])).content.decode()

    assert 'http-equiv="refresh"' in page
    assert "0 of 9 are done" in page
    assert "Check now</button>" not in page


@pytest.mark.parametrize("scene", ["github"], indirect=True)
def test_the_counts_of_the_newest_posts_stand_beside_those_that_we_hold(scene: Scene) -> None:
    client = signed_in(scene.source.user)
    press(scene, client)

    page = client.get(reverse("link_compare", args=[scene.source.pk])).content.decode()

    assert "Do we count what GitHub says?" in page
    assert "Read it again" in page


def test_nobody_else_may_look_press_or_compare() -> None:
    row = builders.source(person())
    stranger = signed_in(person("bob"))

    found = [
        stranger.get(reverse(name, args=[row.pk])).status_code
        for name in ("link", "link_check", "link_compare")
    ]

    assert found == [404, 404, 404]
    assert stranger.post(reverse("link_check", args=[row.pk])).status_code == 404
    assert not row.checks.exists()
