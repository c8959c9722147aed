"""Files that people send to be kept: a PDF as it came, a picture drawn anew, and nothing else."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.lib import pictures

MOST_BYTES = 20 << 20
PDF, PICTURE = "application/pdf", "image/webp"
WHY = {
    "size": lambda: _("A picture has at most {n} MB.").format(n=pictures.MOST_BYTES >> 20),
    "pixels": lambda: _("A picture has at most {n} million pixels.").format(n=pictures.MOST_PIXELS // 1_000_000),
    "type": lambda: _("Only a PDF, JPEG, PNG or WebP is taken: this file is none of them."),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it may be kept: what it is, its bytes say, never its name."""

    data: bytes
    content_type: str
    name: str

    @property
    def is_picture(self) -> bool:
        return self.content_type == PICTURE


def sent(request: HttpRequest, longest: int = pictures.LONGEST) -> Sent:
    """The file of a form, a picture at most so many pixels long. ActionError says why it is not taken."""
    file = request.FILES.get("file")
    if file is None:
        raise ActionError(_("Choose a file first."))
    if (file.size or 0) > MOST_BYTES:
        raise ActionError(_("The file is larger than {n} MB.").format(n=MOST_BYTES >> 20))
    data = file.read()
    if data.startswith(b"%PDF-"):
        return Sent(data, PDF, file.name or "")
    try:
        return Sent(pictures.redrawn(data, longest), PICTURE, file.name or "")
    except pictures.NotAPicture as refused:
        raise ActionError(WHY[refused.why]()) from refused
