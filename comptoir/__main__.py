"""`python -m comptoir` is the command `comptoir`."""

import sys

from comptoir.cli.main import main

sys.exit(main())
