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

P = ParamSpec("P")
R = TypeVar("R")
Authority = Callable[[Any, Any, Mapping[str, Any]], Verdict]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a readable diff."""

    label: str
    before: str
    after: str


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

    def complete(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with defaults filled in; TypeError on unknown or missing names."""
        if unknown := set(inputs) - set(self.parameters):
            raise TypeError(f"{self.name} has no input {', '.join(sorted(unknown))}.")
        filled = {n: p.default for n, p in self.parameters.items() if p.default is not inspect.Parameter.empty}
        filled |= inputs
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
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function as an action; the decorated function is the only door to its body.

    `subject` is the type of its first argument (None: the action creates), `root` gives the row to lock for it, `also`
    further rows to lock, `stale` the subject's columns that make a waiting approval stale, `diff` what would change.
    `is_public=False` keeps it from the generic screen: another screen or a job calls it.
    """

    def decorate(body: Callable[P, R]) -> Callable[P, R]:
        if name in ACTIONS:
            raise ValueError(f"The action {name} is declared twice.")
        spec = Spec(name, body, subject, authority, title, root, also, stale, diff, labels or {}, is_public)
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
