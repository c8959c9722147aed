"""What was signed, kept with the agreement; and its own paper, kept once it is signed."""

from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Denied, action, lock
from comptoir.catalog import verbs
from comptoir.catalog.actions.agreements import tell
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.models import Agreement, AgreementFile
from comptoir.events import journal
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.lib.text import file_name
from comptoir.people.models import Member

MOST_FILES = 20


def add_agreement_file(agreement: Agreement, *, by: Member, data: bytes, content_type: str, name: str) -> AgreementFile:
    """Put a PDF, or a picture that was drawn anew, to an agreement; the same bytes once."""
    verdict = keeps_catalog(by, agreement, {})
    if isinstance(verdict, Denied):
        raise verdict
    with journal():
        lock(agreement)
        if agreement.files.count() >= MOST_FILES:
            raise ActionError(_("An agreement has at most {n} files.").format(n=MOST_FILES))
        row, is_new = AgreementFile.objects.get_or_create(
            agreement=agreement, file=store(data, content_type),
            defaults={"name": file_name(name) or agreement.paper_name, "by": by},
        )  # fmt: skip
        if is_new:
            tell(verbs.AGREEMENT_FILED, agreement, by, name=row.name)
    return row


@action(
    "catalog.remove_agreement_file", subject=AgreementFile, root=lambda row: row.agreement, authority=keeps_catalog,
    title=gettext_lazy("Remove the file"),
)  # fmt: skip
def remove_agreement_file(row: AgreementFile, *, by: Member) -> None:
    """Keep a file no longer."""
    tell(verbs.AGREEMENT_FILE_REMOVED, row.agreement, by, name=row.name)
    row.delete()


def keep_paper(agreement: Agreement, made: bytes) -> File:
    """Store what a signed agreement says, unless another worker was quicker: then the one it stored."""
    with journal():
        lock(agreement)
        kept = Agreement.objects.select_related("paper").get(pk=agreement.pk)
        if kept.paper is None:
            kept.paper = store(made, "application/pdf")
            kept.save(update_fields=["paper"])
        return cast(File, kept.paper)
