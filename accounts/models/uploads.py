"""Large files that wait to be read; small ones are read at once and never stored."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models

from accounts.models.people import User


class Upload(models.Model):
    """A file of a person that a job reads next. One at a time: a person has one, or none.

    The bytes lie in settings.UPLOADS_DIR under the row's id and go with the row (accounts.uploads).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="upload")
    filename = models.CharField(max_length=255, blank=True)
    # What the person calls it, and its short form, where it is a table of their own.
    table_name = models.CharField(max_length=60, blank=True)
    table_slug = models.CharField(max_length=150, blank=True)
    size = models.BigIntegerField()  # bytes
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def path(self) -> Path:
        """Where the bytes are."""
        return Path(settings.UPLOADS_DIR) / str(self.pk)
