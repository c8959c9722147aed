"""Documents as PDF, by Typst: a template and data, never markup made from text."""

import json
from pathlib import Path
from typing import Any

import typst


def pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The template with the data as PDF/A-2b; the template reads them by `json(bytes(sys.inputs.data))`.

    Raises typst.TypstError when the template does not fit the data.
    """
    made = typst.compile(
        str(template),
        root=str(template.parent),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-2b"],
        ignore_system_fonts=True,
    )
    return bytes(made)
