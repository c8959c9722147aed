"""What `make check` asks of the tree besides format, lint and types: migrations, deployment settings, file lengths."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400


def long_files() -> list[str]:
    """Source files of more than 400 lines."""
    kinds = ("comptoir/**/*.py", "tests/**/*.py", "bench/**/*.py", "ui/**/*.ts", "ui/**/*.css", "comptoir/**/*.html")
    files = [path for kind in kinds for path in ROOT.glob(kind) if "migrations" not in path.parts]
    counted = [(len(path.read_text().splitlines()), path) for path in files]
    return [f"{path.relative_to(ROOT)}: {lines} lines" for lines, path in counted if lines > MOST_LINES]


def manage(*arguments: str) -> int:
    """One of Django's own checks, with the settings of a real installation."""
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "COMPTOIR_DATA": data,
            "COMPTOIR_URL": "https://desk.example",
            "COMPTOIR_HOSTS": "desk.example",
            "COMPTOIR_SECRET_KEY": "only-for-this-check-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2,
            "DATABASE_URL": "postgresql://127.0.0.1/none",
            "COMPTOIR_DB_POOL": "0",
            "PYTHONWARNINGS": "ignore::RuntimeWarning",
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=False
        ).returncode


def main() -> int:
    """Zero when all is well."""
    for line in (found := long_files()):
        print(f"Longer than {MOST_LINES} lines: {line}", file=sys.stderr)
    failed = [
        manage("makemigrations", "--check", "--dry-run", "--verbosity", "1"),
        manage("check", "--deploy", "--fail-level", "WARNING"),
    ]
    return int(bool(found) or any(failed))


if __name__ == "__main__":
    sys.exit(main())
