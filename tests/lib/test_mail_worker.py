"""The reader's child dies of a bad mail; the desk does not."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from comptoir.lib.mail.limits import Unreadable
from comptoir.lib.mail.read import read
from comptoir.lib.mail.worker import Reader

GOOD = (
    b"From: =?utf-8?q?Zo=C3=A9?= <zoe@example.fr>\r\nTo: desk@example.com\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: image/png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n"
)
# Passes the depth gate, and still costs the cleaner seconds.
SLOW = b"From: a@b.c\r\nContent-Type: text/html\r\n\r\n" + b"<table><div></div>" * 250 + b"<div>x</div>" * 150_000


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def test_the_child_reads_as_we_would(reader: Reader) -> None:
    assert reader.read(GOOD) == read(GOOD)


def test_a_mail_that_takes_too_long_ends_only_the_child() -> None:
    hasty = Reader(cpu_seconds=0.3)
    try:
        with pytest.raises(Unreadable, match="too much time"):
            hasty.read(SLOW)
        assert hasty.read(GOOD).subject == "x"
    finally:
        hasty.close()


def test_an_unreadable_mail_leaves_the_child_warm(reader: Reader) -> None:
    reader.read(GOOD)
    child = reader._child
    with pytest.raises(Unreadable, match="too many parts"):
        reader.read(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 2_000)
    reader.read(GOOD)
    assert reader._child is child


def test_a_killed_child_is_replaced(reader: Reader) -> None:
    reader.read(GOOD)
    assert reader._child is not None
    os.kill(reader._child.pid, signal.SIGKILL)
    reader._child.wait()
    assert reader.read(GOOD).subject == "x"


def test_a_child_killed_over_a_mail_says_nothing_about_that_mail(reader: Reader) -> None:
    reader.read(GOOD)
    child = reader._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as beside:
        answer = beside.submit(reader.read, GOOD)
        assert not wait([answer], timeout=0.3).done
        os.kill(child.pid, signal.SIGKILL)
        assert answer.result(10).subject == "x"
    assert reader._child is not child
