"""A company's logo: checked by content, made small, and drawn anew, so that nothing but the picture is kept."""

from __future__ import annotations

import hashlib
import io

from PIL import Image, UnidentifiedImageError

from recoup.kernel.errors import Invalid
from recoup.merchants.actions.set_look import NewLogo

SIZE_MAX = 4 * 1024 * 1024
PIXELS_MAX = 20_000_000
#: As wide and high as a page ever shows it, for screens with two dots a pixel.
BOX = (640, 240)
_FORMATS = ("JPEG", "PNG", "WEBP")


class LogoRefused(Invalid):
    """The file is no picture that we can use. The logo stays as it was."""

    code = "logo_refused"
    title = "This file is no logo that we can use"


def cleaned(content: bytes) -> NewLogo:
    """The picture as PNG, at most 640 by 240 pixels, see-through where it was. Raises LogoRefused."""
    if len(content) > SIZE_MAX:
        raise LogoRefused("The logo is larger than 4 MB. Please send it in a smaller size")
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > PIXELS_MAX:
            raise LogoRefused("The logo has too many pixels. Please send it in a smaller size")
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError, ValueError):
        raise LogoRefused("This file is not a PNG, JPEG or WebP picture, or it is damaged") from None
    clean = picture.convert("RGBA")
    clean.info.clear()
    clean.thumbnail(BOX)
    drawn = io.BytesIO()
    clean.save(drawn, "PNG", optimize=True)
    body = drawn.getvalue()
    return NewLogo(png=body, mark=hashlib.sha256(body).hexdigest()[:16])
