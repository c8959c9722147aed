"""What an authority check can answer, and the errors of the door."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comptoir.lib.money import Money
from comptoir.lib.roles import Role

if TYPE_CHECKING:
    from comptoir.actions.models import Approval


class ActionError(Exception):
    """An act that cannot be done; its text is the sentence the rep reads."""

    def __init__(self, sentence: object) -> None:
        super().__init__(str(sentence))

    @property
    def sentence(self) -> str:
        return str(self.args[0])


class Denied(ActionError):
    """The member has no authority for the act. Returned by an authority, raised by the door."""


class NeedsApproval(ActionError):
    """Somebody with more authority has to agree. Returned by an authority, or raised inside an action."""

    def __init__(self, sentence: object, *, role: Role = Role.SENIOR, amount: Money | None = None) -> None:
        super().__init__(sentence)
        self.role = role
        self.amount = amount


class Allowed:
    """Nothing stands against the act."""


ALLOWED = Allowed()


@dataclass(frozen=True, slots=True)
class Use:
    """The act gives an amount away: it has to fit into the member's limits, and is booked against them.

    `customer` is the row it is given to; its `customer_class` chooses the limit.
    """

    amount: Money
    customer: Any
    sentence: str = ""


Verdict = Allowed | Denied | NeedsApproval | Use


class SentForApproval(Exception):
    """The act was rolled back and stored as an approval for somebody with more authority."""

    def __init__(self, approval: "Approval") -> None:
        super().__init__(approval.reason)
        self.approval = approval


class InvalidInput(ActionError):
    """Untyped input that does not fit the action; `errors` by field name, which the text names and the sentence does not."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(told)}" for name, told in errors.items()))
        self.errors = errors

    @property
    def sentence(self) -> str:
        return " ".join(sentence for sentences in self.errors.values() for sentence in sentences)
