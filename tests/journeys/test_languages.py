"""Visitors choose their language at the foot of a page, on a very small screen."""

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible

SMALLEST = {"viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize(
    ("name", "tag", "question"),
    [
        ("简体中文", "zh-Hans", "您是在哪家商店买的？"),  # noqa: RUF001 - Chinese writes its question mark wide
        ("Bahasa Melayu", "ms", "Anda membeli dari kedai mana?"),
        ("தமிழ்", "ta", "எந்தக் கடையில் வாங்கினீர்கள்?"),
    ],
)
def test_a_visitor_without_scripts_chooses_a_language_and_stays_on_the_page(people, name, tag, question):
    page = people("without scripts", java_script_enabled=False, **SMALLEST)
    page.goto("/?q=merlion")
    page.get_by_role("button", name=name).click()

    expect(page.get_by_role("heading", name=question)).to_be_visible()
    assert page.url.endswith("/?q=merlion")
    for path in ("/ask/merlion-home", "/cases"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", tag)


@pytest.mark.parametrize("tag", ["zh-Hans", "ms", "ta"])
def test_the_way_to_a_refund_breaks_no_rule_in_any_language(people, tag):
    page = people("with a browser of theirs", locale=tag, **SMALLEST)
    for path in ("/", "/ask/merlion-home", "/cases"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", tag)
        assert_accessible(page)
