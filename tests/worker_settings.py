"""The site's settings for processes that meet poison: what a job does, and a broom that hurries."""

from kloutsite.celery import BEAT_SCHEDULE
from kloutsite.settings import *  # noqa: F403

JOB_HANDLERS = "tests.scoring.poison.HANDLERS"
BEAT_SCHEDULE["sweep"]["schedule"] = 0.5  # seconds
