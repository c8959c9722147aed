"""Bookkeeping of the desk: drafts, read marks, presence. Undeclared: nobody wants a limit or an audit line on them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.cases.models import Case, Draft, DraftFile, Presence
from comptoir.events import notify
from comptoir.files.actions import store
from comptoir.lib import clock
from comptoir.orders.models import OrderVersion
from comptoir.people.models import Member

LOOKING = timedelta(seconds=40)
WRITING = timedelta(seconds=6)
MOST_BYTES = 20 << 20  # what most mail servers take, a third of it lost to encoding


def save_draft(
    case: Case, member: Member, kind: str, text: str, to: str = "", cc: str = "", base: int | None = None,
    shown: str = "",
) -> Draft:  # fmt: skip
    """Keep what a member has written so far; what was added since the draft was `shown` to them stays below it."""
    draft, _new = Draft.objects.get_or_create(case=case, member=member, kind=kind)
    added = draft.added_since(shown)
    below, begun = "".join(one for one, _hello in added), text.rstrip() or (added[0][1] if added else "")
    written = f"{begun}{below}".lstrip("\n") if below else text
    if not _write(draft, text=written, to=to, cc=cc, base_message_id=base):
        return save_draft(case, member, kind, text, to, cc, base, shown)
    return draft


def add_to_draft(case: Case, member: Member, text: str, *, apart: str = "\n", hello: str = "") -> Draft:
    """Put a text below what the member has written to the customer so far, and tell their page; `hello` where that is nothing."""
    draft, _new = Draft.objects.get_or_create(case=case, member=member, kind=Draft.Kind.REPLY)
    below, begun, known = f"{apart}{text}" if text else "", draft.text.rstrip() or hello, Q(text=draft.text)
    if not _write(
        draft,
        known,
        text=f"{begun}{below}" if begun else text,
        added=[*draft.added, [below, hello] if hello else below],
    ):
        return add_to_draft(case, member, text, apart=apart, hello=hello)
    notify(f"member:{member.pk}")
    return draft


def put_back(case: Case, member: Member, text: str, to: str, cc: str) -> Draft:
    """Begin a reply again with a text that was taken back, before whatever was begun since, and tell the member's page."""
    draft, _new = Draft.objects.get_or_create(case=case, member=member, kind=Draft.Kind.REPLY)
    begun, known = draft.text.strip(), Q(text=draft.text)
    values = {
        "text": f"{text}\n\n{begun}" if begun else text,
        "to": to,
        "cc": cc,
        "added": [*draft.added, f"\n\n{text}"],
    }
    if not _write(draft, known, **values):
        return put_back(case, member, text, to, cc)
    notify(f"member:{member.pk}")
    return draft


def _write(draft: Draft, known: Q = Q(), **values: Any) -> bool:  # noqa: B008 - never changed
    """Write to a draft to which nothing was added since it was read; False, and nothing done, where something was."""
    values["updated_at"] = clock.now()
    if not Draft.objects.filter(known, pk=draft.pk, added=draft.added).update(**values):
        return False
    for name, value in values.items():
        setattr(draft, name, value)
    return True


def claim(draft: Draft) -> bool:
    """Hold a draft until the transaction ends; False where something was added to it since it was read, or it is gone."""
    return _write(draft)


def discard_draft(case: Case, member: Member, kind: str) -> None:
    """Forget what a member has begun."""
    Draft.objects.filter(case=case, member=member, kind=kind).delete()


def refuse_too_large(draft: Draft, sizes: Iterable[int]) -> None:
    """Raise ActionError when files of these sizes beside those it has make a mail that servers refuse."""
    has = draft.files.aggregate(size=Sum("file__size"))["size"] or 0
    if has + sum(sizes) > MOST_BYTES:
        raise ActionError(_("Together the files are larger than {most} MB: send fewer.").format(most=MOST_BYTES >> 20))


def attach(draft: Draft, name: str, content_type: str, data: bytes) -> DraftFile:
    """Put a file to a draft."""
    return draft.files.create(file=store(data, content_type), name=name[:200], content_type=content_type[:150])


def attach_confirmation(draft: Draft, version: OrderVersion) -> DraftFile:
    """Put an order's confirmation to a draft; the delivery renders it if nobody has."""
    found = draft.files.filter(order_version=version).first()
    return found or draft.files.create(
        order_version=version,
        name=f"{version.order.number}-v{version.version}.pdf",
        content_type="application/pdf",
    )


def detach(draft: Draft, pk: int) -> None:
    """Take a file off a draft."""
    draft.files.filter(pk=pk).delete()


def mark_read(case: Case) -> None:
    """Somebody has seen what came in."""
    if case.is_unread:
        case.is_unread = False
        case.save(update_fields=["is_unread"])
        notify(f"case:{case.pk}", f"team:{case.team_id}")


def seen(case: Case, member: Member, is_writing: bool = False) -> None:
    """Note that a member looks at a case, or writes in it; others' pages hear only of a change."""
    now = clock.now()
    span = WRITING if is_writing else LOOKING
    before = Presence.objects.filter(case=case, member=member, until__gte=now).first()
    Presence.objects.update_or_create(
        case=case, member=member, defaults={"is_writing": is_writing, "until": now + span}
    )
    if before is None or before.is_writing != is_writing:
        notify(f"presence:{case.pk}")


def gone(case: Case, member: Member) -> None:
    """The member has left the case's page."""
    if Presence.objects.filter(case=case, member=member).delete()[0]:
        notify(f"presence:{case.pk}")
