"""Has this photo been shown before? On 162 real phone photos, and on copies made to deceive."""

import csv
import io
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageOps

from recoup.refunds.policy.photos import DISTANCE_MOST, distance, fingerprint, is_same_photo

PHOTOS = Path(__file__).parents[2].parent / "shared" / "data" / "grocery_photos"
shared_photos = pytest.mark.skipif(not (PHOTOS / "index.csv").exists(), reason="shared data absent: grocery_photos")


def photo(name: str) -> Image.Image:
    with Image.open(PHOTOS / "images" / name) as opened:
        return opened.convert("RGB")


def names() -> list[str]:
    with (PHOTOS / "index.csv").open() as index:
        return [row["file"] for row in csv.DictReader(index)]


def recompressed(image: Image.Image) -> Image.Image:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=50)
    return Image.open(kept)


def cropped(image: Image.Image, hundredths: int) -> Image.Image:
    width, height = image.size
    left, top = width * hundredths // 100, height * hundredths // 100
    return image.crop((left, top, width - left, height - top))


DECEITS = {
    "saved again at half the quality": recompressed,
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "a quarter brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.25),
    "mirrored": ImageOps.mirror,
    "upside down": lambda image: image.rotate(180, expand=True),
    "turned a quarter": lambda image: image.rotate(90, expand=True),
    "turned and mirrored": lambda image: ImageOps.mirror(image.rotate(270, expand=True)),
    "cropped by 3 in 100 on each side": lambda image: cropped(image, 3),
    "cropped by 10 in 100 on each side": lambda image: cropped(image, 10),
    "mirrored and cropped": lambda image: cropped(ImageOps.mirror(image), 6),
}


@shared_photos
@pytest.mark.parametrize("deceit", DECEITS)
def test_a_copy_is_recognised_when_it_is(deceit):
    sample = names()[::8]

    missed = [
        name
        for name in sample
        if not is_same_photo(fingerprint(photo(name)), fingerprint(DECEITS[deceit](photo(name))))
    ]

    assert missed == []


@shared_photos
@pytest.mark.slow
def test_no_other_photo_is_taken_for_a_copy_not_even_of_the_same_product():
    prints = [(name, fingerprint(photo(name))) for name in names()]

    false_alarms = [
        (one, other, distance(first, second))
        for number, (one, first) in enumerate(prints)
        for other, second in prints[number + 1 :]
        if distance(first, second) <= DISTANCE_MOST
    ]

    assert false_alarms == []


def test_a_fingerprint_is_whole_numbers_of_64_bits_and_the_same_each_time():
    picture = Image.radial_gradient("L").crop((0, 0, 200, 120))

    one = fingerprint(picture)

    assert one == fingerprint(picture.copy())
    assert all(0 <= form < 2**64 for form in one.forms)
    assert distance(one, one) == 0
