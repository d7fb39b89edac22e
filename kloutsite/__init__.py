"""The frame. Importing it makes the Celery app the current one, so that any process can ring."""

from kloutsite.celery import app as celery_app

__all__ = ["celery_app"]
