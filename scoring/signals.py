"""News of scores that travels upward: scoring never imports perks."""

from django.dispatch import Signal

# A person has their first score; sent again while there is no past beside it. Arguments: user_id
# (int) and now. Sent at the end of the transaction that writes the score.
first_scored = Signal()
