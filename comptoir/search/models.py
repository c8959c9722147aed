"""The table of documents."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

IS_MESSAGE = Q(noun="message")


class Document(models.Model):
    """What can be found of one row: its keys, its words, and where it belongs."""

    pk = models.CompositePrimaryKey("noun", "object_id")
    noun = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    scope_team = models.BigIntegerField(null=True)
    title = models.CharField(max_length=200)
    at = models.DateTimeField()
    norm = models.TextField()
    tsv = SearchVectorField()
    digest = models.CharField(max_length=32)

    class Meta:
        db_table = "search_doc"
        indexes = [
            GinIndex(OpClass("norm", "gin_trgm_ops"), condition=~Q(norm=""), name="search_keys"),
            GinIndex(fields=["tsv"], condition=~IS_MESSAGE, name="search_words"),
            GinIndex(fields=["tsv"], condition=IS_MESSAGE, name="search_said", gin_pending_list_limit=256),
            models.Index(fields=["scope_team", "-at"], condition=IS_MESSAGE, name="search_latest"),
            models.Index(fields=["case_id"], name="search_case"),
        ]

    def __str__(self) -> str:
        return f"{self.noun}:{self.object_id}"
