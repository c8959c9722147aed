"""A program that asks the desk through the API."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from comptoir.actions.scopes import NOUNS, callable_acts, reads
from comptoir.people.actions.tokens import issue_token
from comptoir.people.models import Member

EVERYTHING = [*(reads(noun) for noun in NOUNS), *sorted({f"act:{n.partition('.')[0]}" for n in callable_acts()})]


def token(of: Member, *scopes: str) -> str:
    """A fresh token's secret."""
    by = of if of.kind == Member.Kind.PERSON else Member.objects.administrators()[0]
    return issue_token(of, by=by, name="Shop", scopes=list(scopes) or EVERYTHING).token  # type: ignore[arg-type]


@dataclass
class Asker:
    """Sends requests with one token."""

    secret: str

    def _headers(self, key: str = "") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} | ({"Idempotency-Key": key} if key else {})

    def get(self, address: str, **query: str) -> Any:
        return Client().get(f"/api/{address}", query, headers=self._headers())

    def act(self, address: str, body: Any = None, key: str = "") -> Any:
        return Client().post(
            f"/api/act/{address}", body or {}, content_type="application/json", headers=self._headers(key)
        )


def asker(of: Member, *scopes: str) -> Asker:
    return Asker(token(of, *scopes))
