"""Who a request comes from, read by two queries that are compiled once: every request begins with them."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from comptoir.lib.prepared import Prepared
from comptoir.people.models import Member

SESSION = Prepared(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))
MEMBER = Prepared(lambda pk: Member.objects.filter(pk=pk))


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    def _get_session_from_db(self) -> Session | None:
        found = SESSION.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Members by their address and password; whoever was deactivated is signed out."""

    def get_user(self, user_id: Any) -> Member | None:
        member = MEMBER.first(user_id)
        return member if member is not None and self.user_can_authenticate(member) else None
