"""The WSGI application, for any server. It refuses to load where ``jianzai serve`` would refuse."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jianzai.settings")
application = get_wsgi_application()

from jianzai.operations.production import refuse_unfit  # noqa: E402 - needs the applications loaded

refuse_unfit()
