"""Mei asks for her money back, on a phone, by keyboard, without scripts, on a very small screen."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.shoppers import MEI, case_number, code_after, finds_order, mails_to

SMALLEST = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture
def broken_mug(tmp_path):
    path = tmp_path / "mug.jpg"
    Image.effect_noise((800, 600), 90).convert("RGB").save(path)
    return path


def continues(page):
    page.get_by_role("button", name="Continue").click()


def says(page, words):
    page.get_by_role("textbox", name="Tell us in your own words").fill(words)


def test_a_broken_mug_from_the_front_page_to_the_money_on_its_way(page, house, broken_mug):
    page.goto("/")
    assert_accessible(page)
    page.get_by_label("Name of the shop").fill("merlion")
    page.get_by_role("link", name="Merlion Home").click()
    assert_accessible(page)
    finds_order(page, house, "merlion-home", "MH-1001")
    assert_accessible(page)
    page.get_by_label("Blue glazed mug", exact=True).check()
    page.get_by_label("How many of Blue glazed mug").select_option("1")
    continues(page)
    assert_accessible(page)
    says(page, "One mug was broken when I opened the box.")
    page.get_by_label("Choose photos you have").set_input_files(broken_mug)
    expect(page.get_by_text("mug.jpg", exact=True)).to_be_visible()
    continues(page)
    assert_accessible(page)
    expect(page.get_by_text("S$18.90").first).to_be_visible()
    expect(page.get_by_text("Arrives 5 to 10 business days after it is sent")).to_be_visible()
    page.get_by_role("button", name="Confirm my refund").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your money is on its way", timeout=60_000)
    assert_accessible(page)
    number = case_number(page)
    expect(page.get_by_text("Your money was sent")).to_be_visible()
    page.goto("/cases")
    expect(page.get_by_role("link", name=f"Case {number}")).to_be_visible()


def test_without_scripts_a_case_is_filed_and_opened_again(no_js_page, people, house):
    page = no_js_page
    page.goto("/")
    page.get_by_label("Name of the shop").fill("kopi")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Kopi Corner").click()
    finds_order(page, house, "kopi-corner", "KC-501")
    page.get_by_role("checkbox").first.check()
    continues(page)
    page.get_by_text("More reasons").click()
    page.get_by_role("radio", name="Something else").check()
    says(page, "It tastes of nothing at all, I am sorry to say.")
    continues(page)
    page.locator("form button[type=submit]").click()
    number = case_number(page)

    again = people("another device", java_script_enabled=False, **SMALLEST)
    again.goto("/cases")
    last_id = max(mail["id"] for mail in mails_to(house, MEI))
    again.get_by_label("Case number").fill(number.lower())
    again.get_by_label("Your e-mail").fill(MEI)
    again.get_by_role("button", name="Send me a code").click()
    again.get_by_label("6-digit code").fill(code_after(house, MEI, last_id))
    continues(again)
    expect(again.locator("#case-number")).to_have_text(number)


def test_a_second_thought_is_one_press_and_nothing_is_sent(people, house, broken_mug):
    page = people("on a small phone", **SMALLEST)
    page.goto("/ask/merlion-home")
    finds_order(page, house, "merlion-home", "MH-1001")
    page.get_by_label("Waffle towel, oat", exact=True).check()
    continues(page)
    says(page, "The towel was torn when I opened the box.")
    page.get_by_label("Choose photos you have").set_input_files(broken_mug)
    expect(page.get_by_text("mug.jpg", exact=True)).to_be_visible()
    continues(page)
    page.get_by_role("button", name="Confirm my refund").click()
    expect(page.get_by_role("heading", name="Changed your mind?")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Undo my refund").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You withdrew this request")
    expect(page.get_by_text("Nothing is sent", exact=True)).to_be_visible()


def test_an_order_we_do_not_know_is_asked_for_while_mei_waits(page, house):
    page.goto("/ask/merlion-home")
    finds_order(page, house, "merlion-home", "mh-2001")

    expect(page.get_by_role("heading", level=1)).to_have_text("What is it about?", timeout=30_000)
    expect(page.get_by_text("Kettle, 1.5 l")).to_be_visible()


def test_an_order_nobody_knows_is_no_dead_end(page, house):
    page.goto("/ask/merlion-home")
    finds_order(page, house, "merlion-home", "MH-9999")
    expect(page.get_by_role("heading", level=1)).to_have_text("We could not find that order yet", timeout=40_000)
    assert_accessible(page)
    page.get_by_label("What did you buy").fill("A green tray")
    continues(page)
    says(page, "It never arrived")
    continues(page)
    page.get_by_role("button", name="Send my request").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("A person is looking at it", timeout=60_000)


def test_by_keyboard_alone(desktop_page, house):
    page = desktop_page
    page.goto("/ask/small-steps")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    last_id = max((mail["id"] for mail in mails_to(house, MEI)), default=0)
    page.keyboard.press("Tab")
    page.keyboard.type("SS-77001")
    page.keyboard.press("Tab")
    page.keyboard.type(MEI)
    page.keyboard.press("Enter")
    expect(page.get_by_label("6-digit code")).to_be_visible()
    page.get_by_label("6-digit code").focus()
    page.keyboard.type(code_after(house, MEI, last_id))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What is it about?")
    page.get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What happened?")
    page.get_by_role("textbox", name="Tell us in your own words").focus()
    page.keyboard.type("I changed my mind.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    assert page.get_by_role("radio").first.is_checked()


def test_on_the_smallest_screen_every_example_fits(people):
    page = people("smallest", **SMALLEST)
    page.goto("/style")
    names = [link.get_attribute("href") for link in page.locator("main li a").all()]
    assert len(names) > 30
    for name in names:
        if name.endswith("/review-case"):
            continue  # its example photo does not exist
        page.goto(name)
        assert_accessible(page)


@pytest.mark.parametrize("settings", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=["dark", "forced"])
def test_in_other_colours_every_example_can_be_read(people, settings):
    page = people("reader", viewport={"width": 390, "height": 844}, **settings)
    page.goto("/style")
    names = [link.get_attribute("href") for link in page.locator("main li a").all()]
    for name in names:
        if not re.search(r"review-case$", name):
            page.goto(name)
            assert_accessible(page)
