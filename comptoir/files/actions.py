"""Storing bytes."""

import hashlib
import os
import tempfile
from pathlib import Path

from comptoir.files.models import File, path_of


def store(data: bytes, content_type: str) -> File:
    """The file with these bytes; they are durable on disk when this returns, the row when the transaction commits."""
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(digest)
    if not path.exists():
        _write_durably(path, data)
    row = File(sha256=digest, size=len(data), content_type=content_type[:150])
    known = File.objects.filter(sha256=digest).first()
    if known is None:  # whoever else stores it now finds the same row
        File.objects.bulk_create([row], update_conflicts=True, unique_fields=["sha256"], update_fields=["size"])
    return known or row


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(handle.name, path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
