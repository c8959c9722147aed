"""What a mail may be before it is called unreadable."""

MAX_BYTES = 60 * 1024 * 1024
MAX_HEADER = 1024 * 1024
MAX_PARTS = 1_000
MAX_DEPTH = 50
MAX_ADDRESSES = 500
CPU_SECONDS = 5
WALL_SECONDS = 30
MEMORY_BYTES = 512 * 1024 * 1024


class Unreadable(Exception):
    """The mail cannot be read within the limits; the text says why."""
