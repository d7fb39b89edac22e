"""The WSGI callable that granian serves. There is none for a site that would leak."""

import os

from django.core.wsgi import get_wsgi_application

from kloutsite.ahead import ahead_of
from kloutsite.checks import refuse_unsafe
from kloutsite.warming import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kloutsite.settings")
application = ahead_of(get_wsgi_application())
refuse_unsafe()
warm()
