"""Documents as PDF, by Typst: a template and data, never markup made from text."""

import json
from pathlib import Path
from typing import Any

import typst


def pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The template with the data as PDF/A-2b; the template reads them by `json(bytes(sys.inputs.data))`.

    Raises typst.TypstError when the template does not fit the data.
    """
    return _made(template, data, format="pdf", pdf_standards=["a-2b"])


def picture(template: Path, data: dict[str, Any], dots: int = 90) -> bytes:
    """The template's single page as a PNG of some dots an inch."""
    return _made(template, data, format="png", ppi=dots)


def _made(template: Path, data: dict[str, Any], **how: Any) -> bytes:
    told = {"data": json.dumps(data, ensure_ascii=False)}
    made = typst.compile(str(template), root=str(template.parent), sys_inputs=told, ignore_system_fonts=True, **how)
    return bytes(made)
