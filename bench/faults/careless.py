"""The mail process as it must not be: a mail is marked as seen, and counted as had, before it is durable."""

import time
from typing import Any

from comptoir.cli import database

database.load_django()

from comptoir.connect.email import imap, service  # noqa: E402
from comptoir.connect.email.actions import mailboxes  # noqa: E402
from comptoir.connect.email.actions.keeping import keep  # noqa: E402


def bring_in(server: Any, mailbox: Any) -> int:
    """What is unseen is fetched in one go, which marks it all, and kept one by one after that."""
    fetched = server.fetch(server.search(["UNSEEN"]), ["BODY[]"])
    for uid in sorted(fetched):
        time.sleep(0.1)  # a slow disk: long enough for a kill to fall between the mark and the row
        mailboxes.begin_numbering(mailbox, mailbox.uidvalidity, uid)
        keep(bytes(fetched[uid][imap.BODY]), mailbox, source="imap", uidvalidity=mailbox.uidvalidity, uid=uid)
    return 0


imap.bring_in = bring_in
service.run()
