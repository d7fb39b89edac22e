"""Fault switches of a person's own links with the made-up network."""

from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import SandboxFault, SandboxToken, User
from accounts.sandbox import people
from accounts.sandbox.faults import MEANINGS, Fault


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch: a whole account (`target` "") or one of its places; `fault` is what it is on."""

    person: str
    target: str
    title: str
    kind: str
    fault: Fault | None

    @property
    def called(self) -> str:
        """What it is, in a word."""
        return {"account": _("account"), "page": _("page"), "profile": _("profile")}[self.kind]

    @property
    def field(self) -> str:
        """Name of the form field."""
        return f"{self.person}.{self.target}"

    @property
    def choices(self) -> tuple[tuple[Fault, str], ...]:
        """Faults that make sense here, with their titles: only a page has a role to lose."""
        return tuple(
            (fault, str(meaning.title))
            for fault, meaning in MEANINGS.items()
            if self.kind == "page" or not meaning.pages_only
        )


def of(user: User | AnonymousUser) -> list[Switch]:
    """Return the switches of a person of the site, account by account, "everything" first."""
    accounts = SocialAccount.objects.filter(user=user.pk, provider="sandbox").order_by("pk")
    found = []
    for person_id in accounts.values_list("uid", flat=True):
        person = people.people().get(person_id)
        if person is None:
            continue
        on = _in_force(person_id)
        whole = _("Everything of %(name)s") % {"name": person.name}
        found.append(Switch(person_id, "", whole, "account", on.get("")))
        found += [
            Switch(person_id, place.id, place.title, place.kind, on.get(place.id))
            for place in people.places_of(person_id)
        ]
    return found


def set_fault(switch: Switch, fault: Fault | None, *, now: datetime) -> bool:
    """Turn a switch; leaves one as it is that stands there already. Returns whether it changed."""
    if fault == switch.fault:
        return False
    if fault is None:
        SandboxFault.objects.filter(person=switch.person, target=switch.target).delete()
    else:
        SandboxFault.objects.update_or_create(
            person=switch.person,
            target=switch.target,
            defaults={"fault": fault.value, "since": now},
        )
    return True


def _in_force(person: str) -> dict[str, Fault]:
    """Return target -> fault, without those that a newer consent has mended."""
    newest = SandboxToken.objects.filter(person=person, revoked_at=None).order_by("-issued_at")
    issued = newest.values_list("issued_at", flat=True).first()
    on = {}
    for row in SandboxFault.objects.filter(person=person):
        fault = Fault(row.fault)
        if not (MEANINGS[fault].mended_by_consent and issued and issued > row.since):
            on[row.target] = fault
    return on
