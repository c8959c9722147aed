"""A document is read outside of any transaction: what people do with it meanwhile stands."""

import pytest

from comptoir.actions import perform
from comptoir.orders import jobs, reading
from comptoir.orders.actions.documents import receive
from comptoir.orders.models import InboundDocument
from tests import build
from tests.orders.test_documents import HERE, goods

pytestmark = pytest.mark.django_db


def received(rep, customer=None) -> InboundDocument:
    return receive((HERE / "slovak_1.csv").read_bytes(), "slovak_1.csv", by=rep, customer=customer)


def meanwhile(monkeypatch, act) -> None:
    """Have something done while the file is read."""
    real = reading.READER.read

    def read(kind: str, data: bytes):
        words = real(kind, data)
        act()
        return words

    monkeypatch.setattr(reading.READER, "read", read)


def test_a_job_ends_quietly_when_its_document_is_gone(monkeypatch):
    document = received(build.member())
    meanwhile(monkeypatch, document.delete)
    gone = document.pk
    jobs.read_document(gone)
    jobs.read_document(gone)
    jobs.draw_document(gone)
    assert not InboundDocument.objects.exists()


def test_what_was_rejected_while_it_was_read_stays_rejected(monkeypatch):
    rep = build.member()
    document = received(rep, goods(build.customer()))
    meanwhile(
        monkeypatch,
        lambda: perform("orders.reject_document", by=rep, subject=document, inputs={"note": "sent by mistake"}),
    )
    jobs.read_document(document.pk)
    document.refresh_from_db()
    assert (document.state, document.problem, document.words) == ("rejected", "sent by mistake", {})


def test_a_customer_named_while_it_was_read_is_not_forgotten(monkeypatch):
    rep, named, sender = build.member(), goods(build.customer()), build.customer()
    document = received(rep)
    monkeypatch.setattr(reading, "sender", lambda words: sender)
    meanwhile(
        monkeypatch, lambda: perform("orders.name_document", by=rep, subject=document, inputs={"customer": named})
    )
    jobs.read_document(document.pk)
    document.refresh_from_db()
    assert (document.state, document.customer) == ("received", named)
    jobs.read_document(document.pk)
    document.refresh_from_db()
    assert (document.state, document.customer) == ("parsed", named)
