"""Photos: checked by what they are, stripped of place and camera, and recognised when they were shown before."""

import io

import pytest
from PIL import Image

from recoup.kernel import ids
from tests.refunds.asking import again, ask, ask_in_review, do, picture, rows

SINGAPORE = {0x8825: {1: "N", 2: (1.0, 17.0, 0.0), 3: "E", 4: (103.0, 51.0, 0.0)}}


def keep(shop, content):
    from recoup.refunds.gateways import evidence_store

    return evidence_store.keep(content, merchant_id=shop.id)


def show(shop, case, *contents, words=""):
    return do(
        shop, "add_evidence", case, photos=[keep(shop, content) for content in contents], words=words, by="shopper"
    )


def needs_photos(shop, **order):
    case = ask(shop, shop.order(("vase", 1, 5000), **order), reason="damaged")
    assert (case.state, case.reason_code) == ("needs_evidence", "photos_needed")
    return case


def test_a_photo_that_was_asked_for_leads_to_an_answer(shop):
    case = needs_photos(shop)

    answered = show(shop, case, picture(ids.uuid7().int))

    assert (answered.state, answered.amount_minor) == ("approved", 5000)


def test_a_photo_of_an_earlier_case_is_recognised_mirrored_turned_and_smaller(shop):
    seed = ids.uuid7().int
    show(shop, needs_photos(shop), picture(seed))

    for content in (picture(seed, mirrored=True), picture(seed, size=(200, 150)), _turned(picture(seed))):
        case = needs_photos(shop, email=f"{ids.uuid7().hex[-8:]}@x.example")
        shown = show(shop, case, content)
        (seen,) = rows(shop, "SELECT seen_before FROM refunds_photo WHERE case_id = %s", case.id)[0]
        assert seen >= 1
        assert shown.state == "in_review", shown.reason_code


def test_a_photo_shown_twice_in_one_case_was_not_seen_before(shop):
    case = ask_in_review(shop)
    seed = ids.uuid7().int

    show(shop, case, picture(seed), picture(seed, mirrored=True))

    assert rows(shop, "SELECT seen_before FROM refunds_photo WHERE case_id = %s", case.id) == [(0,), (0,)]


def test_another_company_never_learns_that_a_photo_was_seen_elsewhere(shop, noon):
    from recoup.merchants import actions as merchants
    from recoup.refunds import actions
    from recoup.refunds.requests import RefundRequest

    seed = ids.uuid7().int
    show(shop, ask_in_review(shop), picture(seed))
    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    from recoup.refunds.gateways import evidence_store

    photo = evidence_store.keep(picture(seed), merchant_id=other)
    from tests.database import Shop

    stranger = Shop(other, f"o-{other.hex[-8:]}", _account(other, noon), noon)
    case = actions.submit(
        request=RefundRequest(order_number=stranger.order(("sofa", 1, 90_000)), reason="changed_mind", channel="web"),
        merchant_id=other, by="shopper", at=noon,
    )  # fmt: skip
    do(stranger, "add_evidence", case, photos=[photo], words="")

    assert rows(stranger, "SELECT seen_before FROM refunds_photo") == [(0,)]


def _account(merchant_id, at):
    from recoup.access import tenancy
    from recoup.payments.models import RailAccount

    @tenancy.action
    def open_account(*, merchant_id):
        return RailAccount.objects.create(merchant_id=merchant_id, rail="stripe", label="Main", created_at=at).id

    return open_account(merchant_id=merchant_id)


def _turned(content):
    buffer = io.BytesIO()
    Image.open(io.BytesIO(content)).rotate(90, expand=True).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def test_where_and_with_what_a_photo_was_taken_is_not_kept(shop):
    from recoup.refunds.gateways import evidence_store

    exif = Image.Exif()
    exif[0x010F] = "A camera of mine"
    exif[0x8825] = SINGAPORE[0x8825]
    content = picture(3, exif=exif.tobytes())
    assert b"camera of mine" in content
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)

    stored = evidence_store.read(keep(shop, content).file_key)

    assert b"camera of mine" not in stored
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {}


def test_a_photo_whose_notes_are_damaged_is_taken_as_it_is(shop):
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (24, 17)).save(buffer, "JPEG", exif=exif)
    assert buffer.getvalue().count(b"MM\x00*") == 1
    damaged = buffer.getvalue().replace(b"MM\x00*", b"MM\x00G")

    assert (keep(shop, buffer.getvalue()).width, keep(shop, damaged).width) == (17, 24)


def test_a_photo_that_lies_on_its_side_is_turned_upright(shop):
    exif = Image.Exif()
    exif[0x0112] = 6

    photo = keep(shop, picture(4, size=(300, 200), exif=exif.tobytes()))

    assert (photo.width, photo.height) == (200, 300)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_kinds_of_photos_become_the_one_we_keep(shop, form):
    photo = keep(shop, picture(5, form=form))

    assert photo.content_type == "image/jpeg"
    assert photo.file_key.startswith(f"{shop.id}/")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"%PDF-1.7 not a photo",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 50,
        picture(6)[:400],
        b"\xff\xd8\xff" + b"\0" * 1000,
    ],
)
def test_what_is_not_a_photo_is_refused(shop, content):
    from recoup.refunds.actions import PhotoRefused

    with pytest.raises(PhotoRefused):
        keep(shop, content)


def test_a_file_that_is_too_large_is_refused_before_it_is_opened(shop):
    from recoup.refunds.actions import PhotoRefused

    with pytest.raises(PhotoRefused, match="15 MB"):
        keep(shop, b"\xff" * (15 * 1024 * 1024 + 1))


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked(shop):
    from recoup.refunds.actions import PhotoRefused

    buffer = io.BytesIO()
    Image.new("1", (9000, 9000)).save(buffer, "PNG")

    with pytest.raises(PhotoRefused):
        keep(shop, buffer.getvalue())


def test_a_case_takes_ten_photos_and_keeps_them_when_an_eleventh_comes(shop):
    from recoup.refunds.actions import PhotoRefused

    case = ask_in_review(shop)
    photos = [keep(shop, picture(seed)) for seed in range(11)]
    do(shop, "add_evidence", case, photos=photos[:10], words="", by="shopper")

    with pytest.raises(PhotoRefused):
        do(shop, "add_evidence", case, photos=photos[10:], words="", by="shopper")
    assert rows(shop, "SELECT count(*) FROM refunds_photo WHERE case_id = %s", case.id) == [(10,)]


def test_words_are_added_to_words(shop):
    case = ask_in_review(shop)

    show(shop, case, words="It was torn. ")
    show(shop, case, words="Also wet.")

    assert again(shop, case).words == "It was torn.\n\nAlso wet."


def test_a_case_that_has_ended_or_is_paid_takes_no_more(shop):
    from recoup.refunds.actions import MoveNotAllowed

    paid = ask(shop, shop.order(("mug", 1, 500)))
    gone = ask_in_review(shop)
    do(shop, "withdraw", gone, by="shopper")

    for case in (paid, gone):
        with pytest.raises(MoveNotAllowed):
            show(shop, case, words="One more thing.")
