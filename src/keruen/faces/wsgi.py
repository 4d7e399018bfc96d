"""What gunicorn serves: `gunicorn keruen.faces.wsgi:application`."""

from __future__ import annotations

from keruen import compose, settings

_found = settings.load()
compose.connect(_found)

# Both need a configured Django, hence their place.
from django.core.wsgi import get_wsgi_application  # noqa: E402

from keruen.faces.desk import Desk, use  # noqa: E402

use(Desk(_found))
compose.screens(_found).warm()
compose.describes(_found).warm()
application = get_wsgi_application()
