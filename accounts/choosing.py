"""What of a linked account counts: list what the network offers, choose, check the choice.

The network is asked outside of any transaction; what it said is then written in one. Whatever
cannot be done is raised as LinkingError, whose text is fit to show, and has changed nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import access, connectors, linking
from accounts.connectors.base import Cause, Code, ConnectorError, Target
from accounts.connectors.shapes import one_line
from accounts.linking import LinkingError, name_of, network_of
from accounts.models import Grant, Source, User
from accounts.signals import Change, tell
from accounts.speech import joined, say


def list_targets(*, grant: Grant, now: datetime) -> None:
    """Ask the network what this grant could speak for and write it down as sources.

    A source that vanished becomes unavailable and is never deleted. Raises LinkingError when the
    network gives no list or an empty one; then nothing has changed.
    """
    network, _issuer = network_of(grant.account)
    name = name_of(network)
    try:
        connector = connectors.get(network)
        targets = access.ask(grant, lambda good: connector.targets(good, now=now), now=now)
    except ConnectorError as error:
        raise LinkingError(f"{name} did not give us the list: {error}") from error
    if not targets:
        raise LinkingError(
            say(
                "{name} listed nothing that could count. Connect it again and tick what "
                "should count.",
                name=name,
            )
        )
    with transaction.atomic():
        # Two accounts of a person may list the same thing at once, which is one source.
        User.objects.select_for_update(no_key=True).filter(pk=grant.account.user_id).first()
        locked = Grant.objects.select_for_update(no_key=True).filter(pk=grant.pk).first()
        if locked is None:
            raise LinkingError(
                say("{name} was unlinked in the meantime. Link it again.", name=name)
            )
        _write_targets(locked, targets)


def causes(*, grant: Grant, now: datetime) -> tuple[Cause, ...]:
    """Return why something may be missing from the list, as far as the network tells.

    Raises LinkingError when it does not answer.
    """
    name = name_of(grant.network)
    try:
        connector = connectors.get(grant.network)
        return access.ask(grant, lambda good: connector.missing(good, now=now), now=now)
    except ConnectorError as error:
        raise LinkingError(f"{name} did not tell us why: {error}") from error


def effect(*, user: User, grant: Grant, source_ids: Collection[int], now: datetime) -> str:
    """Return what the score would do if exactly these sources of the grant counted.

    Asks no network: what was never read is named, since nobody knows yet what it adds. Raises
    LinkingError when something ticked is not offered to this person.
    """
    sources = list(Source.objects.filter(grant=grant, user=user).order_by("pk"))
    chosen = [source for source in sources if source.pk in source_ids]
    if len(chosen) != len(set(source_ids)):
        raise LinkingError(say("Something you ticked is not on your list. Choose again."))
    leaving = [source.pk for source in sources if source.selected and source not in chosen]
    added = [source for source in chosen if not source.selected]
    joining = [source for source in added if connectors.is_scored(source.network)]
    unread = [_quoted(source) for source in joining if source.read_at is None]
    said = []
    if linking.effect_of_choice is not None and (leaving or len(joining) > len(unread)):
        read = [source.pk for source in joining if source.read_at is not None]
        said.append(linking.effect_of_choice(user.pk, leaving, read, now))
    if unread:
        said.append(
            say(
                "Not read yet: {listed}. What comes of it is known after the first read, which "
                "begins when you save.",
                listed=joined(unread),
            )
        )
    said += [
        say(
            "“{title}” is shown on a card of its own and changes your score by nothing.",
            title=source.title,
        )
        for source in added
        if source not in joining
    ]
    return " ".join(said) or say("This is what counts already: nothing would change.")


def _write_targets(grant: Grant, targets: Iterable[Target]) -> None:
    """Write the list as sources of the grant's person; what is no longer on it is unavailable."""
    network, issuer = network_of(grant.account)
    user = grant.account.user
    offered = {(target.network or network, target.external_id): target for target in targets}
    places = {place for place, _ in offered}
    mine = Source.objects.filter(user=user, network__in=places, issuer=issuer)
    linked = mine.locked().select_related("grant__account")
    known = {(source.network, source.external_id): source for source in linked}
    for (place, external_id), target in offered.items():
        source = known.setdefault(
            (place, external_id),
            Source(user=user, network=place, issuer=issuer, external_id=external_id),
        )
        if _may_take(grant, source):
            _write_target(source, grant, target)
    listed = [source.pk for at, source in known.items() if at in offered]
    grant.sources.exclude(pk__in=listed).update(available=False)


def _may_take(grant: Grant, source: Source) -> bool:
    """Tell whether a grant that lists a source may be the one by which it is read.

    What counts stays with its grant. A sign-in at the source's own network goes before one through
    another, since it is renewed without the person and needs no role on a page.
    """
    if source.grant is None or source.grant.pk == grant.pk:
        return True
    direct, was_direct = grant.network == source.network, not source.via
    return direct if direct != was_direct else not source.selected


def _write_target(source: Source, grant: Grant, target: Target) -> None:
    """Copy what the network said about a target; an unknown number never replaces a known one."""
    source.grant = grant
    source.kind = target.kind[:20]
    source.title = one_line(target.title, 200) or target.external_id
    source.url = target.url if target.url.startswith(("https://", "http://")) else ""
    source.url = source.url if len(source.url) <= 500 else ""
    source.role = one_line(target.role, 60)
    source.reason = one_line(target.reason, 300)
    source.selectable = target.selectable
    source.available = True
    for field in ("followers", "posts_90d", "last_post_at"):
        value = getattr(target, field)
        if value is not None:
            setattr(source, field, value)
    source.seal_target_token(target.token)
    source.save()


def choose(*, user: User, grant: Grant, source_ids: Collection[int], now: datetime) -> list[Source]:
    """Let exactly these sources of the grant count, after asking the network once more.

    Returns those that did not count before. Raises LinkingError when nothing is ticked, when
    something ticked is not offered to this person, or when it speaks for somebody else.
    """
    if not source_ids:
        raise LinkingError(
            say(
                "Nothing is ticked. Tick what should count. To count nothing of this "
                "account, leave it for later or unlink it."
            )
        )
    list_targets(grant=grant, now=now)
    return save_choice(user=user, grant=grant, source_ids=source_ids, now=now)


def save_choice(
    *, user: User, grant: Grant, source_ids: Collection[int], now: datetime
) -> list[Source]:
    """Write a choice that the network just confirmed; see `choose`."""
    try:
        with transaction.atomic():
            sources = list(Source.objects.filter(grant=grant, user=user).locked())
            chosen = [source for source in sources if source.pk in source_ids]
            if len(chosen) != len(set(source_ids)):
                raise LinkingError(say("Something you ticked is not on your list. Choose again."))
            for source in chosen:
                _check_can_count(source)
            return _select_exactly(sources, chosen, now)
    except IntegrityError as error:
        raise LinkingError(
            say(
                "Linked by another profile here already: {listed}. If that profile is yours, sign "
                "in there, unlink it, and choose it here.",
                listed=joined(_taken(user, source_ids)),
            )
        ) from error


def _check_can_count(source: Source) -> None:
    """Raise LinkingError when the network does not let this source be read for the person."""
    if not source.available:
        raise LinkingError(
            say(
                "{name_of} no longer lists “{title}” for you. Choose another, or ask its "
                "owner to give your role back.",
                name_of=name_of(source.network),
                title=source.title,
            )
        )
    if not source.selectable:
        why = source.reason or say("Your role there does not let us read it.")
        raise LinkingError(f"“{source.title}” cannot count: {why}")


def _select_exactly(sources: Iterable[Source], chosen: list[Source], now: datetime) -> list[Source]:
    """Write the choice and tell about each change. Returns the newly chosen."""
    added = []
    for source in sources:
        if source in chosen and not source.selected:
            source.selected, source.selected_at, source.paused_at = True, now, None
            source.code, source.code_since, source.words = Code.OK, now, ""
            source.failures, source.tried_at, source.retry_at = 0, None, None
            source.doubted_since = None
            source.save()
            tell(source, Change.SELECTED)
            added.append(source)
        elif source not in chosen and source.selected:
            source.selected = False
            source.save(update_fields=["selected"])
            tell(source, Change.DESELECTED)
    return added


def _taken(user: User, source_ids: Collection[int]) -> list[str]:
    """Return the titles of those of the choice that speak for somebody else: at least one.

    All of them, where whoever had one has just let it go.
    """
    mine = list(Source.objects.filter(user=user, pk__in=source_ids))
    taken = [
        source
        for source in mine
        if Source.objects.counted()
        .filter(network=source.network, issuer=source.issuer, external_id=source.external_id)
        .exclude(user=user)
        .exists()
    ]
    return [_quoted(source) for source in taken or mine]


def _quoted(source: Source) -> str:
    return say("“{title}”", title=source.title)
