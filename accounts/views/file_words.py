"""What is said of a file: what it is, what was read of it, and how much it counts."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.connectors.archives import KINDS, ArchiveContent
from accounts.diagnosis import left_out_in_words
from accounts.figures import READER, day_year, whole
from accounts.models import Source
from accounts.speech import say


def named(kind: str) -> str:
    """Return what a file was recognised as, as a sentence."""
    return _("Recognised as: %(kind)s.") % {"kind": say(KINDS[kind])}


def read(content: ArchiveContent) -> str:
    """Return what was read and what was left out, in a sentence or two."""
    reading = content.reading
    values = {
        "n": whole(len(reading.posts)),
        "title": content.title,
        "since": day_year(reading.since.date()),
        "left": left_out_in_words(reading.left_out, READER),
    }
    form = ngettext(
        "Read %(n)s post from %(title)s, from %(since)s on.",
        "Read %(n)s posts from %(title)s, from %(since)s on.",
        len(reading.posts),
    )
    said = form % values
    return f"{said} {_('Left out: %(left)s.') % values}" if values["left"] else said


def proof(source: Source) -> str:
    """Return how much of its weight a file counts, and why."""
    if source.proven_at is not None:
        return _("The account in it is the one you linked, so it counts in full.")
    return _("It counts half, since a file does not prove whose account it is of.")
