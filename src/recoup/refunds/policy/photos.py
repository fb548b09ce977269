"""Has this photo been shown before? Perceptual hashes that survive re-encoding, turning, mirroring and cropping.

A match says "seen before", never "damaged". Measured on the Grocery Store photos: the same photo re-encoded, resized or
brightened stays within a distance of 6; another photo, even of the same product, begins at 16. So 10 is the threshold.
Turned, mirrored and cropped copies are far away as they are, and are found by comparing with the forms of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import imagehash
import numpy as np
from PIL import Image, ImageOps

#: Two photos at most this many bits apart are taken for the same.
DISTANCE_MOST = 10
#: The share of the picture that is kept on each side by a centre crop, in hundredths. 100 is the whole picture.
CROPS = (100, 94, 88, 80)
#: Large enough for every crop to be scaled to the 32 x 32 pixels of the hash without loss that matters.
_WORKING_SIDE = 256


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hashes of one photo: `forms[0]` is the photo itself, then its turned, mirrored and cropped forms.

    Each is an unsigned integer of 64 bits.
    """

    forms: tuple[int, ...]

    @property
    def plain(self) -> int:
        return self.forms[0]


def fingerprint(image: Image.Image) -> Fingerprint:
    """The photo's forms: 8 ways to turn and mirror it, each whole and with three centre crops."""
    grey = ImageOps.exif_transpose(image).convert("L")
    small = grey.resize((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.LANCZOS)
    forms: dict[int, None] = {}
    for kept in CROPS:
        side = _WORKING_SIDE * kept // 100
        edge = (_WORKING_SIDE - side) // 2
        cropped = small.crop((edge, edge, edge + side, edge + side))
        for turned in _turned_and_mirrored(np.asarray(cropped.resize((32, 32), Image.Resampling.LANCZOS))):
            forms.setdefault(_hash(turned))
    return Fingerprint(forms=tuple(forms))


def distance(one: Fingerprint, other: Fingerprint) -> int:
    """The fewest differing bits between one photo as it is and any form of the other, both ways round."""
    there = [(one.plain ^ form).bit_count() for form in other.forms]
    back = [(other.plain ^ form).bit_count() for form in one.forms]
    return min(*there, *back)


def is_same_photo(one: Fingerprint, other: Fingerprint) -> bool:
    """True when one is most likely a copy of the other, however turned, mirrored, cropped or re-encoded."""
    return distance(one, other) <= DISTANCE_MOST


def _turned_and_mirrored(pixels: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    quarter_turns = [np.rot90(pixels, turns) for turns in range(4)]
    return [*quarter_turns, *(np.fliplr(turned) for turned in quarter_turns)]


def _hash(pixels: np.ndarray[Any, Any]) -> int:
    return int(str(imagehash.phash(Image.fromarray(np.ascontiguousarray(pixels)))), 16)
