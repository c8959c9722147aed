"""Pictures somebody sent, drawn anew so that nothing but the picture is left of them."""

import warnings
from io import BytesIO

TYPES = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 << 20
MOST_PIXELS = 40_000_000
LONGEST = 1_200  # of an edge, in pixels


class NotAPicture(Exception):
    """The bytes are no JPEG, PNG or WebP that can be read; `why` is size, pixels or type."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def redrawn(data: bytes, longest: int = LONGEST) -> bytes:
    """The picture as a WebP of at most so many pixels an edge, upright, without what else its file holds.

    What it is, its bytes say, never its name; its pixels are counted before any is read.
    """
    from PIL import Image, ImageOps

    if len(data) > MOST_BYTES:
        raise NotAPicture("size")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(BytesIO(data), formats=TYPES)
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture("pixels")
            picture.draft("RGB", (longest * 2, longest * 2))
            plain = ImageOps.exif_transpose(picture).convert("RGBA" if _is_see_through(picture) else "RGB")
    except NotAPicture:
        raise
    except Image.DecompressionBombError as error:
        raise NotAPicture("pixels") from error
    except Exception as error:  # a decoder of hostile bytes may raise anything
        raise NotAPicture("type") from error
    plain.thumbnail((longest, longest))
    made = BytesIO()
    Image.frombytes(plain.mode, plain.size, plain.tobytes()).save(made, "WEBP", quality=86)
    return made.getvalue()


def _is_see_through(picture: object) -> bool:
    return getattr(picture, "mode", "") in ("RGBA", "LA", "PA") or "transparency" in getattr(picture, "info", {})
