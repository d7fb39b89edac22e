"""News that travels upward: accounts never imports scoring, it only says that something changed."""

from enum import StrEnum
from typing import Any

from django.dispatch import Signal


class Change(StrEnum):
    """What happened to a source. Receivers decide what work follows."""

    SELECTED = "selected"  # the person chose it: read it and score
    DESELECTED = "deselected"  # no longer counted: score again
    UNLINKED = "unlinked"  # the row is about to go: score again without it
    PAUSED = "paused"
    RESUMED = "resumed"
    RECONNECTED = "reconnected"  # access works again: read it
    READ_ASKED = "read_asked"  # the person pressed "Read now"
    PROVEN = "proven"  # a file counts in full now: its person linked the account it names
    CHECK_ASKED = "check_asked"  # the person pressed "Check now"
    ARCHIVE = "archive"  # an archive was read: its Reading is in `reading`


# Arguments: source (accounts.models.Source), user_id (int), change (Change), and for ARCHIVE also
# reading (accounts.connectors.base.Reading). Sent inside the transaction of the change.
source_changed = Signal()

# A large file waits to be read. Arguments: upload_id (str), user_id (int). Sent inside the
# transaction that makes its row.
upload_waits = Signal()

# An access is kept no longer, or never was: ask the network to forget it. Arguments: network,
# server, account_id (all str), sealed (str: the token, sealed with bound_to="revoke"; unseal it in
# the job, queues never hold a plain token), sealed_key (str: the private key that the token is
# bound to, "" without one), sealed_refresh (str: what renews the token, the same way) and user_id
# (int or None; the person may be going too). Sent inside the transaction that deletes the row,
# where one is.
grant_dropped = Signal()


# A link begins to need its person: its network refused twice. Arguments: source (with the new code)
# and now. Sent inside the transaction of the change.
link_refused = Signal()

# A link that needed its person is read again. Arguments: source, since (when it began to work) and
# now. Sent inside the transaction of the change.
link_mended = Signal()

# A mail should be written when its time comes. Arguments: key (str, at most 64 characters: one mail
# a key, ever), user_id (int), payload (dict of JSON values, for accounts.letters.deliver) and at
# (aware datetime). Sent inside the transaction of the change that it is about.
letter_due = Signal()


def tell(source: Any, change: Change) -> None:
    """Send `source_changed` about a source of its person."""
    source_changed.send(type(source), source=source, user_id=source.user_id, change=change)
