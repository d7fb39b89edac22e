"""What a case is about, said in the language of whoever reads it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts import linking, naming
from accounts.models import Case

About = Mapping[str, str]  # "kind": one of _SAYS; the others are what its words name
QUESTION: About = {"kind": "question"}

_SAYS: dict[str, str | Promise] = {
    "question": gettext_lazy("A question"),
    "link": gettext_lazy("“%(title)s” on %(network)s"),
    "topic": gettext_lazy("The topic “%(topic)s”"),
    "plusk": gettext_lazy("+K in %(topic)s"),
    "weight": gettext_lazy("How much a +K in %(topic)s counts"),
    "perk": "%(title)s",
}


def said(about: About) -> str:
    """Return what a case is about, in few words."""
    return str(_SAYS[about["kind"]] % {name: _called(name, about[name]) for name in about})


def titled(case: Case) -> str:
    """Return what a case is about; of one from before that was kept, as it was said then."""
    return said(case.about) if case.about else case.subject


def _called(name: str, value: str) -> str:
    """Return how a thing that is kept by its name for programs is called."""
    if name == "network":
        return linking.name_of(value)
    return naming.name_of_topic(value) if name == "topic" else value
