"""`manage.py demo`: made-up people as members, linked, read and scored the way everybody is.

They give percentiles a population, and pages of topics somebody to name. The people whom the
consent page introduces stay free: they are for newcomers to try, from the first step on. Brands
that do not exist give newcomers something to claim (perks.samples).
"""

import argparse
import hashlib
import secrets
from contextlib import suppress
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import choosing, handles, linking
from accounts.models import Audience, Profile, User
from accounts.sandbox import consent, network, people
from perks import samples
from perks.work import HANDLERS
from scoring import badges, jobs, topics
from scoring.models import Job, ScoreSnapshot


class Command(BaseCommand):
    """Make sample members. Repeating it adds nobody and changes nothing."""

    help = "Make made-up people members of this site, with linked pages and scores."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take how many people there shall be, and whether they get a password."""
        parser.add_argument("--people", type=int, default=12, metavar="N", help="default: 12")
        parser.add_argument(
            "--password",
            default="",
            help="let each new one sign in as HANDLE@sandbox.invalid with this password",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the people that are missing and do the work that waits for them."""
        chosen = _cast()[: max(0, options["people"])]
        self._check(options["password"])
        made = 0
        for person in chosen:
            made += self._join(person, options["password"])
        done = self._work_off(chosen)
        if made or done:
            topics.rank(now=timezone.now())
            badges.count_holders()
            self._say_who(chosen)
        self._give(chosen)
        scored = len(chosen)
        self.stdout.write(f"{made} made-up people joined, {scored - made} were here already.")
        self.stdout.write(
            f"To try the site as a newcomer: open {settings.SITE_URL}/ and press "
            "“Try with sample people”."
        )

    def _check(self, password: str) -> None:
        if not settings.SANDBOX:
            raise CommandError("The sandbox network is off here. Set SANDBOX=true to have it.")
        if not password:
            return
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _join(self, person: people.Person, password: str) -> bool:
        """Sign a person up, link them and let their largest place count. False: is here already."""
        if SocialAccount.objects.filter(provider="sandbox", uid=person.id).exists():
            return False
        now = timezone.now()
        with transaction.atomic():
            user = _sign_up(person, password)
            account = SocialAccount.objects.create(
                user=user,
                provider="sandbox",
                uid=person.id,
                extra_data={"id": person.id, "name": person.name, "handle": person.handle},
            )
            grant = linking.keep_grant(account=account, granted=_granted(person), now=now)
            choosing.list_targets(grant=grant, now=now)
            offered = grant.sources.filter(selectable=True).order_by("-followers", "pk")
            choosing.choose(user=user, grant=grant, source_ids=[offered[0].pk], now=now)
            _open_page(user, person.handle, now=now)
        return True

    def _work_off(self, chosen: list[people.Person]) -> int:
        """Do what is due for these people; workers may help. Returns how many jobs were done."""
        done = 0
        for user_id in _members(chosen):
            done += _run(Job.objects.filter(user_id=user_id))
        return done

    def _give(self, chosen: list[people.Person]) -> None:
        """Make sample campaigns, one of them claimed by these people, and tell whom they fit."""
        takers = _members(chosen)
        new = samples.make(now=timezone.now(), takers=takers)
        of_perks = Job.objects.filter(kind=Job.Kind.PERKS, subject__in=[str(pk) for pk in new])
        _run(of_perks)
        _run(Job.objects.filter(user_id__in=takers, kind=Job.Kind.LETTER))
        if new:
            self.stdout.write(f"{len(new)} sample perks opened.")

    def _say_who(self, chosen: list[people.Person]) -> None:
        for person in chosen:
            newest = ScoreSnapshot.objects.filter(
                user__socialaccount__provider="sandbox", user__socialaccount__uid=person.id
            ).order_by("-day")
            snapshot = newest.first()
            score = snapshot.score if snapshot else None
            shown = "not enough yet" if score is None else f"{score:.1f}"
            self.stdout.write(f"  {person.name} (@{person.handle}): {shown}")


def _cast() -> list[people.Person]:
    """Return the people who may become members, in an order of chance that never changes."""
    free = [person for person in people.people().values() if not person.line]
    return sorted(free, key=lambda person: hashlib.sha256(person.id.encode()).hexdigest())


def _sign_up(person: people.Person, password: str) -> User:
    username = person.handle
    while User.objects.filter(username=username).exists():
        username = f"{person.handle}.{secrets.randbelow(10_000)}"
    user = User(username=username, display_name=person.name, time_zone=person.zone, is_sample=True)
    user.set_password(password or None)
    user.save()
    if password:
        email = f"{person.handle}@sandbox.invalid"
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _open_page(user: User, handle: str, *, now: datetime) -> None:
    """Show everybody everything of a made-up person, if the handle can be had."""
    with suppress(handles.HandleError):
        handles.take(user, handle.replace(".", "_"), now=now)
    items = ("page", "score", "history", "topics", "networks", "plusk")
    Profile.objects.create(user=user, findable=True, **dict.fromkeys(items, Audience.EVERYONE))


def _granted(person: people.Person) -> linking.Granted:
    """Return what the consent page grants when the person allows everything."""
    verifier = secrets.token_urlsafe(48)
    now = timezone.now()
    ask = consent.Ask(
        redirect_uri=settings.SITE_URL,
        state="",
        scopes=network.SCOPES,
        challenge=consent.challenge_of(verifier),
        hint=person.id,
    )
    mine = [place.id for place in people.places_of(person.id)]
    token = consent.exchange(
        consent.issue_code(ask, person=person.id, places=mine, now=now),
        client_id=consent.CLIENT_ID,
        redirect_uri=settings.SITE_URL,
        verifier=verifier,
        now=now,
    )
    return linking.Granted(token=token["access_token"], scopes=network.SCOPES)


def _members(chosen: list[people.Person]) -> list[int]:
    """Return the ids of these people as members, who came first in front."""
    accounts = SocialAccount.objects.filter(
        provider="sandbox", uid__in=[person.id for person in chosen], user__is_sample=True
    )
    return list(accounts.order_by("pk").values_list("user", flat=True))


def _run(wanted: QuerySet[Job]) -> int:
    """Do these jobs, what is due longest first. Returns how many were done."""
    done = 0
    while True:
        due = wanted.filter(state=Job.State.QUEUED, due_at__lte=timezone.now())
        job = due.order_by("due_at", "pk").values_list("pk", flat=True).first()
        if job is None:
            return done
        if not jobs.run_next(clock=timezone.now, handlers=HANDLERS, job_id=job):
            return done  # a worker was faster and goes on with it
        done += 1
