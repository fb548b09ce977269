"""A company's own page: its logo and colour, and the button for its site."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from recoup.web import colours


def picture(kind="PNG", size=(1280, 320), colour=(10, 99, 85, 0)):
    drawn = io.BytesIO()
    with Image.new("RGBA" if kind == "PNG" else "RGB", size, colour[: 4 if kind == "PNG" else 3]) as image:
        image.save(drawn, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", drawn.getvalue())


@pytest.fixture
def mara(sits_down):
    return sits_down("Mara", "manager").opens("/staff/look")


def stored_logo(who):
    return re.search(r'src="(/at/[^"]+\.png)"', who.page)[1]


def test_a_manager_chooses_and_shoppers_see_it(mara, mei, shop):
    mara.sends("/staff/look", logo=picture(), colour="#F2C14E", welcome="We put it right.")

    assert "Your page looks so from now on" in mara.page
    mei.opens(f"/at/{shop.slug}")
    assert "We put it right." in mei.page
    assert f'href="/ask/{shop.slug}"' in mei.page
    assert shop.slug in stored_logo(mei)
    sheet = mei.opens(f"/at/{shop.slug}/look.css").page
    assert "--own: #f2c14e; --on-own: #000000" in sheet
    told = mei.opens(f"/at/{shop.slug}/told.json").response
    assert told.json() | {"name": ""} == {"name": "", "promise": "", "colour": "#f2c14e", "ink": "#000000"}
    assert told["Access-Control-Allow-Origin"] == "*"
    assert told["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_logo_is_small_and_drawn_anew_and_keeps_its_see_through_places(mara, mei):
    mara.sends("/staff/look", logo=picture())

    kept = mei.opens(stored_logo(mara)).response
    with Image.open(io.BytesIO(kept.content)) as logo:
        assert (logo.format, logo.size, logo.getpixel((5, 5))[3]) == ("PNG", (640, 160), 0)
    assert "immutable" in kept["Cache-Control"]


def test_the_logo_stays_when_only_the_colour_changes_and_goes_when_asked(mara, mei, shop):
    mara.sends("/staff/look", logo=picture("JPEG"))
    address = stored_logo(mara)
    mara.sends("/staff/look", colour="#0a6355")
    assert stored_logo(mara) == address

    mara.sends("/staff/look", no_logo="on")

    assert "/logo/" not in mei.opens(f"/at/{shop.slug}").page
    assert mei.opens(address).response.status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"colour": "red"}, "Write a colour as #"),
        ({"colour": "#12345"}, "Write a colour as #"),
        ({"colour": "#0a6355;}"}, "Ensure this value has at most 7"),
        ({"welcome": "x" * 161}, "at most 160"),
        ({"logo": SimpleUploadedFile("x.svg", b"<svg onload='alert(1)'/>")}, "not a PNG, JPEG or WebP"),
        ({"logo": SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n" + b"A" * 200)}, "not a PNG, JPEG or WebP"),
        ({"logo": SimpleUploadedFile("x.png", b"A" * (4 * 1024 * 1024 + 1))}, "larger than 4 MB"),
    ],
)
def test_what_cannot_be_shown_is_said_at_the_field_and_nothing_changes(mara, mei, shop, fields, said):
    mara.sends("/staff/look", **fields)

    assert mara.response.status_code == 422
    assert said in mara.page
    assert mei.opens(f"/at/{shop.slug}/look.css").page == ""


def test_others_look_and_change_nothing(sits_down, shop):
    auditor = sits_down("Ada", "auditor").opens("/staff/look")

    assert f"/at/{shop.slug}" in auditor.page
    assert 'name="colour"' not in auditor.page
    assert auditor.sends("/staff/look", colour="#000000").response.status_code == 403


def test_a_company_that_is_not_there_has_no_page(mei, database):
    for rest in ("", "/look.css", "/told.json", "/code.svg", "/logo/abcdef.png"):
        assert mei.opens(f"/at/nobody-here{rest}").response.status_code == 404


def test_the_button_may_be_loaded_by_every_site(mei, shop):
    script = mei.opens("/widget.js").response

    assert script["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert script["Content-Type"].startswith("text/javascript")
    assert not script.cookies
    code = mei.opens(f"/at/{shop.slug}/code.svg").response
    assert code["Content-Type"] == "image/svg+xml"


def test_the_page_asks_the_database_little(mei, shop):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        mei.opens(f"/at/{shop.slug}")

    assert len(asked) <= 8


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#777777", "#0a6355", "#f2c14e", "#ff0000", "#757575"])
def test_what_is_written_on_any_colour_can_be_read(colour):
    assert colours.contrast(colour, colours.ink_on(colour)) >= 4.5
