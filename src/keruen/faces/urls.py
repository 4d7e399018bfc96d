"""Where everything is: the console at the root, the API under api/v1/, the log where its clients look for it."""

from __future__ import annotations

from django.urls import include, path, re_path

from keruen.faces import logserver
from keruen.faces.api.routes import api
from keruen.faces.web.views import errors

urlpatterns = [
    path("healthz", logserver.healthz, name="healthz"),
    path("checkpoint", logserver.checkpoint, name="checkpoint"),
    re_path(r"^(?P<path>tile/.+)$", logserver.tile, name="tile"),
    path("api/v1/", api.urls),
    path("", include("keruen.faces.web.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed
