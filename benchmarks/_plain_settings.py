"""The site's settings with one address and one way of signing in more (benchmarks.public)."""

from kloutsite.settings import *  # noqa: F403
from kloutsite.settings import AUTHENTICATION_BACKENDS as ITS_OWN

PLAIN = "benchmarks._plain_backend.Plain"
AUTHENTICATION_BACKENDS = [*ITS_OWN, PLAIN]

ROOT_URLCONF = "benchmarks._plain_urls"
