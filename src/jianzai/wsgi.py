"""The WSGI application that ``jianzai serve`` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jianzai.settings")
application = get_wsgi_application()
