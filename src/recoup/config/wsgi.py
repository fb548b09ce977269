"""The WSGI application that granian serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")
application = get_wsgi_application()

from recoup.api import routes  # noqa: E402 - Django is set up first

routes.check()
