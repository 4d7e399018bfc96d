"""Signing in and out, and the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from keruen.faces.desk import desk
from keruen.faces.web.shell import lang, said, sections
from keruen.texts import LANGUAGES

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm
    from django.http import HttpRequest, HttpResponse

YEAR_S = 365 * 24 * 3600


class SignIn(LoginView):
    """The sign-in page. Being locked out after many wrong passwords comes later."""

    template_name = "keruen/sign_in.html"
    redirect_authenticated_user = True
    next_page = "home"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - as inherited
        """The frame's values beside the form's."""
        frame = {
            "actor": None,
            "lang": lang(),
            "languages": LANGUAGES,
            "here": "",
            "sections": sections(None),
            "demonstration": desk().is_demonstration,
            "page_title": said("ui.sign_in.title"),
        }
        return {**super().get_context_data(**kwargs), **frame}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Greet people in the language they chose last, unless this browser chose another."""
        response = super().form_valid(form)
        chosen = getattr(form.get_user(), "language", "")
        if chosen in LANGUAGES and settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            _keep(response, chosen)
        return response


sign_in = SignIn.as_view()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign_in")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language, for this browser and for the signed-in user."""
    from keruen.store.models import User

    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure()):
        there = reverse("home")
    response = redirect(there)
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGES:
        _keep(response, chosen)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def _keep(response: HttpResponse, chosen: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
