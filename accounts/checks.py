"""The nine checks of a link: each asks the network or the rows one thing (accounts.checkup)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts import access, breakers, budgets, connectors
from accounts.checkup import Check, Result, Status
from accounts.connectors.base import (
    NEEDS_PERSON,
    Access,
    Cause,
    Code,
    Connector,
    ConnectorError,
    Inspection,
    Post,
    Target,
)
from accounts.connectors.setup import SETUPS
from accounts.diagnosis import posts_in_words
from accounts.figures import day_month, decimal
from accounts.linking import name_of, network_of
from accounts.models import FRESH, Grant, Source
from accounts.speech import counted, say

CLOCKS_AGREE = timedelta(seconds=60)
ENDS_SOON = timedelta(days=7)
POSTED_LATELY = timedelta(days=30)

T = TypeVar("T")
Clock = Callable[[], datetime]


class Broken(ConnectorError):
    """Something is wrong that no call failed for. `finding` names it where no code does."""

    def __init__(self, code: Code, message: str, *, raw: str = "", finding: str = "") -> None:
        super().__init__(code, message, raw=raw)
        self.finding = finding or code.value


@dataclass(slots=True)
class Found:
    """What a check that did not break has to say."""

    detail: str = ""
    finding: str = ""
    status: Status = Status.DONE


@dataclass
class Visit:
    """One visit: what was asked so far, and what came of it."""

    source: Source
    grant: Grant
    clock: Clock
    results: dict[Check, Result] = field(default_factory=dict)
    inspection: Inspection | None = None
    posts: tuple[Post, ...] | None = None  # the newest, with the counts of now
    # What would make a read fail too, so that it counts as one.
    refused: ConnectorError | None = None
    their_time: datetime | None = None
    our_time: datetime | None = None

    @property
    def listed(self) -> list[Result]:
        """The results in order."""
        return [self.results[check] for check in Check if check in self.results]

    @property
    def name(self) -> str:
        """The network as people write it."""
        return name_of(self.source.network)

    def ask(self, call: Callable[[Connector, Access], T], *, target: bool = False) -> T:
        """Return what the network says: of the account, or of the source where `target`."""
        source = self.source if target else None
        network, via = self.source.network, self.source.via
        connector = (
            connectors.get(network, via=via) if target else connectors.get(self.grant.network)
        )
        now = self.clock()
        return access.ask(self.grant, lambda good: call(connector, good), now=now, source=source)


def _server(visit: Visit) -> Found:
    """Ask for the network's clock, the lightest question, with or without a key that opens."""
    now = visit.clock()
    network, issuer = network_of(visit.grant.account)
    breakers.refuse_while_resting(network, issuer, now)
    try:
        known = access.as_held(visit.grant)
    except ConnectorError:
        known = Access(token="", account_id=visit.grant.account.uid, server=visit.grant.server)
    began = time.monotonic()
    with budgets.counting(network, issuer, now):
        visit.their_time = connectors.get(network).server_time(known, now=now)
    visit.our_time = visit.clock()
    return Found(say("In {n} seconds.", n=decimal(time.monotonic() - began, 2)))


def _token(visit: Visit) -> Found:
    """Ask the network about the access; a dead one is renewed first, as before a read."""

    def look(connector: Connector, good: Access) -> Inspection:
        visit.inspection = connector.inspect(good, now=visit.clock())
        if not visit.inspection.active:
            raise _dead(visit)
        return visit.inspection

    try:
        said = visit.ask(look)
    except ConnectorError as error:
        if error.code in {Code.EXPIRED, Code.REVOKED} and visit.inspection is None:
            _look_at_the_dead(visit)
        raise
    now = visit.clock()
    ends = visit.grant.consent_ends_at or said.expires_at
    if visit.grant.consent_ends_at and ends and ends <= now + ENDS_SOON:
        soon = say("It ends on {ends}, and only you can prolong it.", ends=day_month(ends))
        return Found(soon, Code.EXPIRING, Status.WARN)
    return Found(say("The network says so itself.") if said.words or said.scopes else "")


def _dead(visit: Visit) -> ConnectorError:
    """Return what a network's "not active" means: ended by itself, or taken back."""
    said, now = visit.inspection, visit.clock()
    assert said is not None
    ended = said.expires_at is not None and said.expires_at <= now
    if ended or "expired" in said.words.lower():
        return ConnectorError(
            Code.EXPIRED,
            say("{name} says that the access has ended.", name=visit.name),
            raw=said.words,
        )
    return ConnectorError(
        Code.REVOKED,
        say("{name} says that the access is no longer valid.", name=visit.name),
        raw=said.words,
    )


def _look_at_the_dead(visit: Visit) -> None:
    """Ask the network about an access that ended here, for its own words; nothing depends on it."""
    try:
        held = access.as_held(visit.grant)
        connector = connectors.get(visit.grant.network)
        visit.inspection = connector.inspect(held, now=visit.clock())
    except ConnectorError:
        return


def _scopes(visit: Visit) -> Found:
    """Compare what was asked, what was granted, and what the network says now."""
    grant, said = visit.grant, visit.inspection.scopes if visit.inspection else None
    asked = tuple(grant.asked_scopes) or connectors.get(grant.network).scopes
    given = tuple(grant.scopes)
    now = given if said is None else said
    lost = [scope for scope in given if said is not None and not _covers(said, scope)]
    never = [scope for scope in asked if scope not in lost and not _covers(now, scope)]
    if not (given or said):
        return Found(say("The network names no permissions.") if asked else say("None are needed."))
    if not (lost or never):
        return Found(say("Given: {listed}.", listed=", ".join(now)))
    parts = [say("Given once and no longer: {listed}.", listed=", ".join(lost))] if lost else []
    parts += [say("Asked for and not given: {listed}.", listed=", ".join(never))] if never else []
    return Found(" ".join(parts), Code.SCOPE_MISSING, Status.WARN)


def _covers(held: tuple[str, ...], scope: str) -> bool:
    """Tell whether a permission is among those held, by itself or as part of a wider one."""
    return scope in held or scope.partition(":")[0] in held


def _identity(visit: Visit) -> Found:
    """Ask who the access speaks for today."""
    today = visit.ask(lambda connector, good: connector.identity(good, now=visit.clock()))
    account = visit.grant.account
    if today.uid == account.uid:
        return Found(f"{today.title}.")
    others = SocialAccount.objects.filter(provider=account.provider, uid=today.uid)
    elsewhere = others.exclude(user=account.user_id).exists()
    raise Broken(
        Code.SOURCE_NOT_GRANTED,
        say("It speaks for {title} now, who is linked to another profile here.", title=today.title)
        if elsewhere
        else say("It speaks for {title} now.", title=today.title),
        finding="linked_elsewhere" if elsewhere else "other_account",
    )


def _role(visit: Visit) -> Found:
    """Ask for the list of what the access may speak for, and look for the source in it."""
    source = visit.source
    targets = visit.ask(lambda connector, good: connector.targets(good, now=visit.clock()))
    mine = [each for each in targets if _is(each, source, visit.grant)]
    if not mine:
        raise _unlisted(visit, targets)
    if not mine[0].selectable:
        why = mine[0].reason or say("The role there does not let us read it.")
        raise Broken(Code.ROLE_LOST, why)
    return Found(f"Role: {mine[0].role}." if mine[0].role else "")


def _is(target: Target, source: Source, grant: Grant) -> bool:
    network = target.network or grant.network
    return (network, target.external_id) == (source.network, source.external_id)


def _unlisted(visit: Visit, targets: tuple[Target, ...]) -> ConnectorError:
    """Return why the source is not on the list, as far as the network tells when it is asked."""
    source, ticked = visit.source, visit.inspection.targets if visit.inspection else None
    if ticked is not None and source.external_id not in ticked:
        return Broken(
            Code.SOURCE_NOT_GRANTED,
            say("“{title}” was not ticked in {name}'s list.", title=source.title, name=visit.name),
        )
    try:
        _newest(visit)
    except ConnectorError as error:
        if error.code in NEEDS_PERSON:
            return error
    if not targets:
        return Broken(
            Code.NO_SOURCE, say("{name} lists no profile or page for you.", name=visit.name)
        )
    causes = [each for each in _missing(visit) if each.holds]
    why = f" {causes[0].title}: {causes[0].why} {causes[0].what_to_do}" if causes else ""
    return Broken(
        Code.ROLE_LOST if ticked else Code.SOURCE_NOT_GRANTED,
        say(
            "{name} lists {n} of yours, and this is not among them.{why}",
            name=visit.name,
            n=len(targets),
            why=why,
        ),
        finding="" if ticked else "vanished",
    )


def _missing(visit: Visit) -> tuple[Cause, ...]:
    """Return the network's reasons why something is not listed, or none."""
    try:
        return visit.ask(lambda connector, good: connector.missing(good, now=visit.clock()))
    except ConnectorError:
        return ()


def _reading(visit: Visit) -> Found:
    """Read the newest posts."""
    posts = _newest(visit)
    if posts:
        newest = max(post.created_at for post in posts)
        return Found(
            counted(
                "{n} post came, the newest of {newest}.",
                "{n} posts came, the newest of {newest}.",
                len(posts),
                newest=day_month(newest),
            )
        )
    last = visit.source.last_post_at
    if last is not None and visit.clock() - last < POSTED_LATELY:
        said = say(
            "An empty list came, though we read a post of {last} there.", last=day_month(last)
        )
        return Found(said, "empty", Status.WARN)
    return Found(say("It answers, and there are no new posts."))


def _newest(visit: Visit) -> tuple[Post, ...]:
    target = visit.source.external_id
    visit.posts = visit.ask(
        lambda connector, good: connector.newest(good, target, now=visit.clock()), target=True
    )
    return visit.posts


def _counting(visit: Visit) -> Found:
    """Say from rows what of the last good read counts."""
    source, now = visit.source, visit.clock()
    if not source.selected:
        same = Source.objects.counted().filter(
            network=source.network, issuer=source.issuer, external_id=source.external_id
        )
        if same.exclude(user=source.user_id).exists():
            said = say("Another profile here has it, so it does not count for you.")
            return Found(said, "linked_elsewhere", Status.FAIL)
        return Found(say("Not chosen, so it does not count."), "not_chosen", Status.FAIL)
    if source.paused_at:
        return Found(say("You paused it: it counts as it was."), "paused", Status.WARN)
    run = source.runs.filter(code=Code.OK).order_by("-started_at").first()
    read = f"{posts_in_words(run.posts, source.posts_90d)}." if run else ""
    if source.limited:
        return Found(" ".join(filter(None, [read, *source.limited])), "limited", Status.WARN)
    if source.read_at is None:
        return Found(say("Nothing was read yet."), "", Status.NOT_TRIED)
    if source.code == Code.OK and now - source.read_at > FRESH:
        return Found(
            say("{read} It was more than a day ago.", read=read).strip(), "stale", Status.WARN
        )
    return Found(read)


def _clocks(visit: Visit) -> Found:
    """Compare the network's clock, asked first of all, with ours."""
    theirs, ours = visit.their_time, visit.our_time
    if theirs is None or ours is None:
        return Found(say("{name} did not show its clock.", name=visit.name), "", Status.NOT_TRIED)
    if abs(theirs - ours) <= CLOCKS_AGREE:
        return Found(say("To within a minute."))
    apart = timedelta(seconds=round(abs(theirs - ours).total_seconds()))
    said = (
        say("{name}'s is {apart} ahead of ours.", name=visit.name, apart=str(apart))
        if theirs > ours
        else say("{name}'s is {apart} behind ours.", name=visit.name, apart=str(apart))
    )
    return Found(said, "clock_off", Status.WARN)


def _ours(visit: Visit) -> Found:
    """Look at what an operator sets: switched on, keys, version."""
    network = visit.grant.network
    if connectors.is_off(network) or connectors.is_off(visit.source.network, via=visit.source.via):
        return Found(
            say("{name} is switched off here.", name=visit.name), "switched_off", Status.FAIL
        )
    if told := visit.results.get(Check.OURS):
        return Found(told.detail, told.finding, told.status)
    config, setup = settings.NETWORKS.get(network), SETUPS.get(network)
    if config is None or setup is None:
        return Found(say("Switched on."))
    if setup.keys and not (config.client_id and config.client_secret):
        return Found(say("Its keys are missing here."), Code.APP_CONFIG, Status.FAIL)
    version = dict(config.options).get("version", "")
    said = say("Switched on, keys in place") if setup.keys else say("Switched on")
    return Found(f"{said}, version {version}." if version else f"{said}.")


STEPS: Mapping[Check, Callable[[Visit], Found]] = {
    Check.SERVER: _server,
    Check.TOKEN: _token,
    Check.SCOPES: _scopes,
    Check.IDENTITY: _identity,
    Check.ROLE: _role,
    Check.READING: _reading,
    Check.COUNTING: _counting,
    Check.CLOCK: _clocks,
    Check.OURS: _ours,
}
