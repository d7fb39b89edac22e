"""What the log says about a request: which page, never its address.

Addresses hold keys for new passwords, and line breaks that would make lines of their own.
"""

import logging

from django.http import HttpRequest

from accounts.faults import page_of


class PagesOnly(logging.Filter):
    """Puts the page's name where Django's own loggers write the address of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the arguments of the record; let every record pass."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            written = request.path.encode("unicode_escape").decode("ascii")
            known = {request.path, written}
            record.args = tuple(page_of(request) if a in known else a for a in record.args)
        return True
