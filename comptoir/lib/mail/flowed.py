"""Paragraphs of `format=flowed` texts put together again (RFC 3676)."""


def unfold(text: str, *, delete_space: bool = False) -> str:
    """The text with soft line ends removed; quoted lines and the signature mark stay lines of their own."""
    paragraphs: list[list[str]] = []
    soft = False
    for line in text.split("\n"):
        body = line.removeprefix(" ")
        stands_alone = body.startswith(">") or body == "-- "
        if soft and not stands_alone:
            paragraphs[-1].append(body)
        else:
            paragraphs.append([body])
        soft = body.endswith(" ") and not stands_alone
        if soft and delete_space:
            paragraphs[-1][-1] = body[:-1]
    return "\n".join("".join(pieces) for pieces in paragraphs)
