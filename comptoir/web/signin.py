"""Signing in and out."""

from typing import Any

from allauth.account import views
from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import path

from comptoir.events import notify
from comptoir.web.middleware import public


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Members are made by an administrator, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: whoever has signed in sees the desk, and no page would show it before a later one."""

    def logout(self, request: HttpRequest) -> None:
        """Sign out, and have this browser's live stream end at once."""
        pk = request.user.pk
        super().logout(request)
        notify(f"member:{pk}")


urlpatterns = [
    path("sign-in/", public(views.login), name="account_login"),
    path("sign-out/", public(views.logout), name="account_logout"),
    path("sign-in/inactive/", public(views.account_inactive), name="account_inactive"),
    path("sign-in/new/", public(views.signup), name="account_signup"),
]
