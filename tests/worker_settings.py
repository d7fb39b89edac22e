"""The site's settings for worker processes of the kill tests: only what a job does is changed."""

from kloutsite.settings import *  # noqa: F403

JOB_HANDLERS = "tests.scoring.killed_work.HANDLERS"
