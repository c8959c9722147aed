"""A mail that comes while the desk asks something else: a server tells of it once, and the watcher hears it."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from imapclient import IMAPClient

from comptoir.connect.email import imap

NEWS = "* 1 EXISTS\r\n"


class Server:
    """An IMAP server as far as IDLE goes, that says each answer in one piece: `before` ends a SEARCH, `within` begins an IDLE."""

    def __init__(self, *, before: str = "", within: str = "") -> None:
        self.before, self.within = before, within
        self.asked: list[str] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.serving = threading.Thread(target=self.serve)
        self.serving.start()

    def serve(self) -> None:
        with self.door:
            peer, _address = self.door.accept()
        with peer, peer.makefile("rb") as lines:
            peer.sendall(b"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n")
            for line in lines:
                peer.sendall(self.answer(line.decode().split()).encode())

    def answer(self, words: list[str]) -> str:
        if words == ["DONE"]:
            return f"{self.idling} OK done\r\n"
        tag, name = words[0], words[2] if words[1] == "UID" else words[1]
        self.asked.append(name)
        if name == "IDLE":
            self.idling = tag
            return f"+ idling\r\n{self.within}"
        told = {"SEARCH": f"* SEARCH\r\n{self.before}", "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n"}
        return f"{told.get(name, '')}{tag} OK done\r\n"


@pytest.fixture
def waits() -> Iterator[Callable[[Server], bool]]:
    """Whether the watcher would wait for more after a look at such a server, or look again at once."""
    stopping = threading.Event()
    opened: list[tuple[Server, IMAPClient]] = []

    def does(server: Server) -> bool:
        client = IMAPClient("127.0.0.1", server.port, ssl=False, timeout=20)
        opened.append((server, client))
        client.search(["UNSEEN"])
        mailbox = imap.Mailbox(fetching=imap.Mailbox.Fetching.IDLE)
        waiting = threading.Thread(target=imap._wait, args=(client, mailbox, stopping, imap.Pace(slice_seconds=0.05)))
        waiting.start()
        waiting.join(1)
        is_waiting = waiting.is_alive()
        stopping.set()
        waiting.join(5)
        assert not waiting.is_alive()
        return is_waiting

    yield does
    for server, client in opened:
        client.shutdown()
        server.serving.join(5)


def test_with_nothing_new_it_waits_in_idle(waits: Callable[[Server], bool]) -> None:
    server = Server()
    assert waits(server)
    assert server.asked[-1] == "IDLE"


def test_what_is_told_at_the_end_of_another_answer_is_heard(waits: Callable[[Server], bool]) -> None:
    assert not waits(Server(before=NEWS))


def test_what_comes_in_one_piece_with_the_answer_to_idle_is_heard(waits: Callable[[Server], bool]) -> None:
    assert not waits(Server(within=NEWS))
