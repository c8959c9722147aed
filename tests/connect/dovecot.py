"""A dovecot of our own on 127.0.0.1, with its mail, config and sockets in one temporary folder."""

import getpass
import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from imapclient import IMAPClient

from tests.connect.ports import free_port

PASSWORD = "secret"
CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{base}/mail/%u
mail_max_userip_connections = 100
auth_failure_delay = 0
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


class Dovecot:
    """start() and stop(); any user name signs in with PASSWORD."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.base = Path(tempfile.mkdtemp(prefix="comptoir-dovecot-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.clients: list[IMAPClient] = []

    def start(self) -> None:
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        (self.base / "mail").mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            self.base.chmod(0o755)
            os.chown(self.base / "mail", owner.pw_uid, owner.pw_gid)
        path = self.base / "dovecot.conf"
        path.write_text(CONFIG.format(base=self.base, port=self.port, password=PASSWORD, **_users(owner)))
        self.process = subprocess.Popen([self.program, "-F", "-c", str(path)], start_new_session=True)
        self._wait()

    def _wait(self) -> None:
        for _ in range(100):
            try:
                self.client("probe").logout()
                return
            except OSError:
                time.sleep(0.1)
        log = self.base / "log"
        raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else ''}")

    def client(self, user: str) -> IMAPClient:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        self.clients.append(client)
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        return client

    def renumber(self, user: str) -> None:
        """Forget all UIDs, as a rebuilt mailbox does."""
        for path in (self.base / "mail" / user).glob("dovecot*"):
            path.unlink()

    def stop(self) -> None:
        while self.clients:
            with suppress(OSError):
                self.clients.pop().shutdown()
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)  # its children would keep clients waiting for seconds
            self.process.wait(10)
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)


def _users(owner: pwd.struct_passwd) -> dict[str, object]:
    """Who runs what: the package's users as root, else oneself for everything."""
    if os.getuid() == 0:
        names = {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull"}
    else:
        names = {
            "internal": getpass.getuser(),
            "internal_group": grp.getgrgid(os.getgid()).gr_name,
            "login": getpass.getuser(),
        }
    return names | {"uid": owner.pw_uid, "gid": owner.pw_gid}
