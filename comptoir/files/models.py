"""Stored bytes."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models


class FileQuerySet(models.QuerySet["File"]):
    """Questions about files."""

    def visible_to(self, member: Any) -> "FileQuerySet":
        """Nobody sees a file as such: it is read through its noun."""
        return self.none()


class File(models.Model):
    """The bytes with one sha256, kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FileQuerySet.as_manager()

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def path(self) -> Path:
        return path_of(self.sha256)

    def read(self) -> bytes:
        return self.path.read_bytes()


def path_of(sha256: str) -> Path:
    """Where the bytes with a sha256 lie."""
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256[2:4] / sha256
