"""Declaring actions: a plain function and a decorator."""

import hashlib
import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, NewType, ParamSpec, TypeVar

from django.db.models import Model
from django.utils.functional import Promise

from comptoir.actions.authority import Verdict
from comptoir.events.actor import Actor

Text = NewType("Text", str)
"""A text of several lines."""
Seen = NewType("Seen", str)
"""What an edit form showed when it was opened (see `actions.editing`); the input is named `seen`."""
SEEN = "seen"

Secret = NewType("Secret", str)
"""A password or the like: typed, never shown again, and in no stored input."""
Spending = NewType("Spending", str)
"""The name of an action that draws on limits."""

P = ParamSpec("P")
R = TypeVar("R")
Authority = Callable[[Any, Any, Mapping[str, Any]], Verdict]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a readable diff."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before acting that forbids nothing, with a page to look at."""

    text: str
    url: str = ""


def mark_of(notices: Iterable[Notice]) -> str:
    """What a form carries along of the notices it has shown; empty when there are none."""
    texts = "\n".join(notice.text for notice in notices)
    return hashlib.sha256(texts.encode()).hexdigest()[:16] if texts else ""


@dataclass(frozen=True)
class Spec:
    """A declared action."""

    name: str
    body: Callable[..., Any]
    subject: type[Model] | None
    authority: Authority
    title: str | Promise
    root: Callable[[Any], Model] | None = None
    also: Callable[[Any, Mapping[str, Any]], Iterable[Model]] | None = None
    stale: tuple[str, ...] = ()
    diff: Callable[[Any, Mapping[str, Any]], list[Change]] | None = None
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    is_public: bool = True
    spends: bool = False
    initial: Callable[[Any], Mapping[str, Any]] | None = None
    warn: Callable[[Any, Mapping[str, Any]], list[Notice]] | None = None
    facts: Callable[[Any], list[tuple[str, str]]] | None = None

    @property
    def is_edit(self) -> bool:
        """True when the form shows what stands, to be changed."""
        return self.initial is not None

    @property
    def has_preview(self) -> bool:
        """True when there is something to say while the form is being filled in."""
        return bool(self.diff or self.initial or self.warn)

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The inputs: everything but the subject and `by`, with resolved annotations."""
        hints = typing.get_type_hints(self.body, include_extras=True)
        params = list(inspect.signature(self.body).parameters.values())
        if self.subject is not None:
            params = params[1:]
        return {p.name: p.replace(annotation=hints[p.name]) for p in params if p.name != "by"}

    @cached_property
    def form_version(self) -> str:
        """Changes whenever the inputs do; an approval stored under another version is stale."""
        signature = ", ".join(f"{name}: {p.annotation}" for name, p in self.parameters.items())
        return hashlib.sha256(signature.encode()).hexdigest()[:12]

    def label_of(self, name: str) -> str | Promise:
        """The words of an input."""
        from comptoir.actions.forms import label_of

        return self.labels.get(name) or label_of(name)

    def standing(self, subject: Any) -> dict[str, Any]:
        """For an edit: the values that stand, and that they were seen; nothing for other acts."""
        if self.initial is None or subject is None:
            return {}
        from comptoir.actions.editing import seen_of

        values = self.initial(subject)
        return {**values, SEEN: Seen(seen_of(values))}

    def given(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Cleaned form values without those left empty that have a default; an edit empties what was emptied."""
        if self.initial is not None:
            return {n: v for n, v in cleaned.items() if n != SEEN or v}
        return {n: v for n, v in cleaned.items() if v not in (None, "") or self.parameters[n].default is None}

    def complete(self, inputs: Mapping[str, Any], subject: Any = None) -> dict[str, Any]:
        """The inputs with what stands or defaults filled in; TypeError on unknown or missing names."""
        if unknown := set(inputs) - set(self.parameters):
            raise TypeError(f"{self.name} has no input {', '.join(sorted(unknown))}.")
        filled = {n: p.default for n, p in self.parameters.items() if p.default is not inspect.Parameter.empty}
        filled |= {**self.standing(subject), **inputs}
        if missing := set(self.parameters) - set(filled):
            raise TypeError(f"{self.name} needs {', '.join(sorted(missing))}.")
        return {name: filled[name] for name in self.parameters}


ACTIONS: dict[str, Spec] = {}


def action(
    name: str,
    *,
    subject: type[Model] | None,
    authority: Authority,
    title: str | Promise,
    root: Callable[[Any], Model] | None = None,
    also: Callable[[Any, Mapping[str, Any]], Iterable[Model]] | None = None,
    stale: tuple[str, ...] = (),
    diff: Callable[[Any, Mapping[str, Any]], list[Change]] | None = None,
    labels: Mapping[str, str | Promise] | None = None,
    is_public: bool = True,
    spends: bool = False,
    initial: Callable[[Any], Mapping[str, Any]] | None = None,
    warn: Callable[[Any, Mapping[str, Any]], list[Notice]] | None = None,
    facts: Callable[[Any], list[tuple[str, str]]] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function as an action; the decorated function is the only door to its body.

    `subject` is the type of its first argument (None: the action creates), `root` gives the row to lock for it, `also`
    further rows to lock, `stale` what of the subject makes a waiting approval stale, `diff` what would change.
    `is_public=False` keeps it from the generic screen: another screen or a job calls it. `spends` says that its authority can
    answer Use, so that limits may be set for it. `initial` makes it an edit: the values
    that stand fill the form and what is not given stays (the input `seen` guards them, see `actions.editing`); `warn` says
    what to know before acting, `facts` what stands (label and value), shown above the form.
    """

    def decorate(body: Callable[P, R]) -> Callable[P, R]:
        if name in ACTIONS:
            raise ValueError(f"The action {name} is declared twice.")
        spec = Spec(
            name,
            body,
            subject,
            authority,
            title,
            root,
            also,
            stale,
            diff,
            labels or {},
            is_public,
            spends,
            initial,
            warn,
            facts,
        )
        ACTIONS[name] = spec

        @wraps(body)
        def enter(*args: P.args, **kwargs: P.kwargs) -> R:
            from comptoir.actions.door import enter_typed

            by: Actor = kwargs.pop("by")  # type: ignore[assignment]
            subject_row = args[0] if spec.subject is not None else None
            return enter_typed(spec, subject_row, by, kwargs)  # type: ignore[no-any-return]

        enter.spec = spec  # type: ignore[attr-defined]
        return enter

    return decorate
