"""What a fresh process knows it can do."""

import os
import subprocess
import sys

SCRIPT = "import django; django.setup(); from comptoir.actions import ACTIONS; print(*ACTIONS)"


def test_every_action_is_declared_as_soon_as_the_desk_is_loaded():
    told = subprocess.run([sys.executable, "-c", SCRIPT], env=os.environ, capture_output=True, text=True, check=True)
    assert {"actions.approve", "actions.set_limit", "people.edit_member", "email.set_mailbox"} <= set(
        told.stdout.split()
    )
