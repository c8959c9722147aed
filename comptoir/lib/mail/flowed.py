"""Paragraphs of `format=flowed` texts put together again (RFC 3676)."""


def unfold(text: str, *, delete_space: bool = False) -> str:
    """The text with soft line ends removed; quoted lines and the signature mark stay lines of their own."""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        body = line[1:] if line.startswith(" ") else line
        if soft and not body.startswith(">") and body != "-- ":
            lines[-1] += body
        else:
            lines.append(body)
        soft = body.endswith(" ") and body != "-- " and not body.startswith(">")
        if soft and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
