"""The site's settings with one address more (benchmarks.public)."""

from kloutsite.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks._plain_urls"
