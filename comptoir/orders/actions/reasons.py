"""The coded reasons of date moves, splits, delays, cancellations and holds."""

import tomllib
from pathlib import Path
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, action
from comptoir.actions.editing import edits
from comptoir.events import record
from comptoir.orders import verbs
from comptoir.orders.models import Reason
from comptoir.people import Role, at_least
from comptoir.people.models import Member

administers = at_least(Role.ADMINISTRATOR)
LANGUAGES = ("en", "fr", "da", "sk", "bg")
WORDS = {
    "kind": gettext_lazy("For what"),
    "en": gettext_lazy("In English"),
    "fr": gettext_lazy("In French"),
    "da": gettext_lazy("In Danish"),
    "sk": gettext_lazy("In Slovak"),
    "bg": gettext_lazy("In Bulgarian"),
}


@action("orders.add_reason", subject=None, authority=administers, title=gettext_lazy("New reason"), labels=WORDS)
def add_reason(
    *, by: Member, kind: Reason.Kind, en: str, fr: str = "", da: str = "", sk: str = "", bg: str = ""
) -> Reason:
    """Enter a reason; where a language has no words, the English ones are shown."""
    words = {"en": en, "fr": fr, "da": da, "sk": sk, "bg": bg}
    made = Reason.objects.create(kind=kind, code=_free_code(en), labels={k: v for k, v in words.items() if v})
    record(verbs.REASON_ADDED, by=by, on=[made], kind=str(kind.label), words=en)
    return made


def _free_code(words: str) -> str:
    base = slugify(words).replace("-", "_")[:24] or "reason"
    taken = set(Reason.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(1, 999) if (code := base if n == 1 else f"{base}_{n}") not in taken)


def standing(reason: Reason) -> dict[str, Any]:
    """What a reason's form shows."""
    return {language: reason.labels.get(language, "") for language in LANGUAGES}


@action(
    "orders.edit_reason",
    subject=Reason,
    authority=administers,
    title=gettext_lazy("Edit reason"),
    labels=WORDS,
    initial=standing,
)
def edit_reason(
    reason: Reason,
    *,
    by: Member,
    en: str,
    fr: str = "",
    da: str = "",
    sk: str = "",
    bg: str = "",
    seen: Seen = Seen(""),
) -> Reason:
    """Change a reason's words; what was done for it before shows the new ones."""
    before = standing(reason)
    changing = edits(before, {"en": en, "fr": fr, "da": da, "sk": sk, "bg": bg}, seen)
    for language, words in changing.items():
        record(
            verbs.REASON_EDITED,
            by=by,
            on=[reason],
            language=language,
            before=before[language] or "–",
            after=words or "–",
        )
    reason.labels = {k: v for k, v in {**before, **changing}.items() if v}
    reason.save(update_fields=["labels"])
    return reason


@action("orders.deactivate_reason", subject=Reason, authority=administers, title=gettext_lazy("Deactivate the reason"))
def deactivate_reason(reason: Reason, *, by: Member) -> Reason:
    """Offer a reason no more; the last one of its kind stays, as such an act cannot be done without one."""
    others = Reason.objects.filter(kind=reason.kind, is_active=True).exclude(pk=reason.pk)
    if not others.exists():
        raise ActionError(_("This is the last reason of its kind: add another first."))
    reason.is_active = False
    reason.save(update_fields=["is_active"])
    record(verbs.REASON_CLOSED, by=by, on=[reason], words=str(reason))
    return reason


@action("orders.reactivate_reason", subject=Reason, authority=administers, title=gettext_lazy("Reactivate the reason"))
def reactivate_reason(reason: Reason, *, by: Member) -> Reason:
    """Offer a reason again."""
    reason.is_active = True
    reason.save(update_fields=["is_active"])
    record(verbs.REASON_OPENED, by=by, on=[reason], words=str(reason))
    return reason


def add_usual_reasons() -> None:
    """The reasons a desk begins with, in five languages; called when it is founded."""
    usual = tomllib.loads((Path(__file__).parents[1] / "reasons.toml").read_text())["reasons"]
    Reason.objects.bulk_create(
        Reason(kind=row["kind"], code=row["code"], labels={language: row[language] for language in LANGUAGES})
        for row in usual
    )
