"""Files are taken at one address only, from people who are signed in, up to a size."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

_FORM = 64 * 1024  # what a request holds beside the file


def too_large(request: HttpRequest) -> bool:
    """Tell whether the request is longer than the largest archive we take."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) > settings.ARCHIVE_MAX_BYTES + _FORM


class ArchiveUploadHandler(TemporaryFileUploadHandler):
    """Writes an archive to a temporary file and any other upload nowhere.

    Django reads every form before the view is asked, so a cap in the view alone would let anybody
    fill the disk from any page.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file. Raises SkipFile, so that its bytes are read past, where none is due."""
        request = self.request
        assert request is not None
        match = request.resolver_match
        due = match is not None and match.url_name == "archive_upload"
        if not due or too_large(request) or not request.user.is_authenticated:
            raise SkipFile
        super().new_file(*args, **kwargs)
