"""Verbs: each declared once by its package; phrase, webhook topic, filters and docs come from the declaration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from comptoir.lib import days
from comptoir.lib.money import Money

Sentence = str | Promise
VERBS: dict[str, "Verb"] = {}


@dataclass(frozen=True, slots=True)
class Ref:
    """A row named in an event's data: its noun, its id and the label it had then."""

    noun: str
    id: int
    label: str

    @classmethod
    def to(cls, row: Any) -> "Ref":
        return cls(row._meta.model_name, row.pk, str(row))


@dataclass(frozen=True, slots=True)
class Verb:
    """What can be said to have happened; the phrase is nominal and names no actor."""

    name: str
    phrase: Sentence
    public: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)

    def encode(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data as JSON, refused when its names are not the declared ones."""
        if data.keys() != self.fields.keys():
            raise ValueError(f"{self.name} takes {sorted(self.fields)}, not {sorted(data)}.")
        return {k: None if v is None else CODECS[self.fields[k]].encode(v) for k, v in data.items()}

    def phrase_of(self, data: Mapping[str, Any]) -> str:
        """The phrase with the data as a reader of the active language writes it."""
        shown = {k: "–" if data.get(k) is None else CODECS[kind].show(data[k]) for k, kind in self.fields.items()}
        return str(self.phrase).format(**shown)


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type of datum is kept in JSON and shown."""

    encode: Callable[[Any], Any]
    show: Callable[[Any], str]


def _encode_moment(value: datetime) -> str:
    return value.astimezone(ZoneInfo("UTC")).isoformat()


def _encode_due(value: date | datetime) -> str:
    """A promise is due on a day or at a moment."""
    return _encode_moment(value) if isinstance(value, datetime) else value.isoformat()


def _show_due(value: str) -> str:
    return days.moment(datetime.fromisoformat(value)) if "T" in value else days.day(date.fromisoformat(value))


def _encode_word(value: Sentence) -> str:
    """A word of ours as the source language has it, so that every reader gets their own."""
    with translation.override("en"):
        return str(value)


CODECS: dict[str, Codec] = {
    "text": Codec(str, str),
    "word": Codec(_encode_word, lambda v: gettext(v) if v else "–"),
    "int": Codec(int, str),
    "number": Codec(str, lambda v: formats.localize(Decimal(v).normalize())),
    "date": Codec(date.isoformat, lambda v: days.day(date.fromisoformat(v))),
    "moment": Codec(_encode_moment, lambda v: days.moment(datetime.fromisoformat(v))),
    "due": Codec(_encode_due, _show_due),
    "money": Codec(
        lambda m: [str(m.amount), m.currency], lambda v: Money(Decimal(v[0]), v[1]).format(get_language() or "en")
    ),
    "ref": Codec(lambda r: [r.noun, r.id, r.label], lambda v: str(v[2])),
    "member": Codec(lambda m: [m.pk, m.name], lambda v: str(v[1])),
}


def verb(name: str, phrase: Sentence, /, *, public: bool = False, **fields: str) -> Verb:
    """Declare a verb `package.event`; its fields are named by type: text word int number date moment due money ref member."""
    if name in VERBS:
        raise ValueError(f"The verb {name} is declared twice.")
    if unknown := set(fields.values()) - CODECS.keys():
        raise ValueError(f"{name}: unknown types {unknown}.")
    VERBS[name] = made = Verb(name, phrase, public, fields)
    return made
