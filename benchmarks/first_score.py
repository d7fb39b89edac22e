"""How long a newcomer of the sandbox waits between choosing what counts and the first score.

Run: python -m benchmarks.first_score   (or `make bench`). Temporary SQLite database, one worker's
work done in this process, without the doorbell's few milliseconds. Goal: the score under 5 s.
"""

import os
import tempfile
import time

os.environ["KLOUTSITE_DATA"] = tempfile.mkdtemp(prefix="kloutsite-bench-")
os.environ["SANDBOX"] = "true"
os.environ["LOG_LEVEL"] = "ERROR"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")

import django

django.setup()

from allauth.socialaccount.models import SocialAccount
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from accounts import choosing, linking
from accounts.models import Grant, User
from accounts.sandbox import consent, network, people
from scoring import jobs, work
from scoring.models import Job, ScoreSnapshot

CALLBACK = "http://127.0.0.1:8000/accounts/sandbox/login/callback/"


def linked(person_id: str) -> tuple[User, Grant]:
    """Return a new person linked to the sandbox, with nothing chosen yet."""
    now, verifier = timezone.now(), "v" * 64
    user = User.objects.create_user(person_id)
    account = SocialAccount.objects.create(user=user, provider="sandbox", uid=person_id)
    ask = consent.Ask(CALLBACK, "", network.SCOPES, consent.challenge_of(verifier), person_id)
    places = [place.id for place in people.places_of(person_id)]
    token = consent.exchange(
        consent.issue_code(ask, person=person_id, places=places, now=now),
        client_id=consent.CLIENT_ID,
        redirect_uri=CALLBACK,
        verifier=verifier,
        now=now,
    )
    granted = linking.Granted(token=token["access_token"], scopes=network.SCOPES)
    grant = linking.keep_grant(account=account, granted=granted, now=now)
    choosing.list_targets(grant=grant, now=now)
    return user, grant


def main() -> None:
    """Print the table."""
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        print(
            "person | posts, reactions    | choose s | read s | score s | to first score s | past s"
        )
        for person in people.featured():
            print(_row(person.id))
    finally:
        teardown_databases(databases, verbosity=0)


def _row(person_id: str) -> str:
    user, grant = linked(person_id)
    best = grant.sources.filter(selectable=True).order_by("-followers").first()
    took = {}
    start = time.perf_counter()
    choosing.choose(user=user, grant=grant, source_ids=[best.pk], now=timezone.now())
    took["choose"] = time.perf_counter() - start
    for kind in (Job.Kind.COLLECT, Job.Kind.SCORE, Job.Kind.HISTORY):
        start = time.perf_counter()
        jobs.run_next(clock=timezone.now, handlers={kind: work.HANDLERS[kind]})
        took[kind] = time.perf_counter() - start
    run = best.runs.get()
    waited = took["choose"] + took[Job.Kind.COLLECT] + took[Job.Kind.SCORE]
    assert ScoreSnapshot.objects.filter(user=user).exists()
    return (
        f"{person_id:6} | {run.posts:6,} {run.reactions:12,} | {took['choose']:8.2f} |"
        f" {took[Job.Kind.COLLECT]:6.2f} | {took[Job.Kind.SCORE]:7.2f} | {waited:16.2f} |"
        f" {took[Job.Kind.HISTORY]:6.2f}"
    )


if __name__ == "__main__":
    main()
