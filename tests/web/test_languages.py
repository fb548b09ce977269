"""Visitors read the shopper's pages in their own language."""

import re
from datetime import UTC, date, datetime

import pytest


def test_a_browser_that_prefers_chinese_gets_chinese_and_is_told_so(browser):
    page = browser.get("/", headers={"Accept-Language": "zh-SG,zh;q=0.9,en;q=0.5"})
    assert page.headers["Content-Language"] == "zh-Hans"
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in page.headers["Vary"].split(",")}
    assert '<html lang="zh-Hans">' in page.content.decode()


def test_whoever_wants_a_language_that_we_do_not_have_reads_english(browser):
    page = browser.get("/", headers={"Accept-Language": "fr-FR,fr"})
    assert (page.headers["Content-Language"], '<html lang="en">' in page.content.decode()) == ("en", True)


def test_a_choice_at_the_foot_of_a_page_stays_and_leads_back_to_the_page(browser):
    visitor = browser
    answer = visitor.post("/language", {"language": "ta", "back": "/cases?number=RC-7K3M-9QXD-4"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cases?number=RC-7K3M-9QXD-4")
    page = visitor.get("/cases", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="ta">' in page.content.decode()
    chosen = re.search(r'value="ta" lang="ta" aria-current="true">தமிழ்<', page.content.decode())
    assert chosen, "the page does not say which language it is in"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_a_choice_never_leads_to_a_page_of_somebody_else(back, browser):
    assert browser.post("/language", {"language": "ms", "back": back}).headers["Location"] == "/"


def test_a_language_that_nobody_offers_is_not_kept(browser):
    answer = browser.post("/language", {"language": "<b>", "back": "/"})
    assert "recoup-language" not in answer.cookies
    visitor = browser
    visitor.cookies["recoup-language"] = "xx"
    assert visitor.get("/").headers["Content-Language"] == "en"


@pytest.mark.parametrize("path", ["/developers", "/account/login/", "/staff"])
def test_a_page_that_is_not_translated_is_english_as_a_whole(path, browser):
    page = browser.get(path, follow=True, headers={"Accept-Language": "ms"})
    content = page.content.decode()
    assert '<html lang="en">' in content
    assert "Bahasa Melayu" not in content


def test_one_visitors_language_is_not_the_nexts(browser):
    from django.utils import translation

    browser.get("/", headers={"Accept-Language": "ta"})
    assert translation.get_language() == "en"
    assert '<html lang="en">' in browser.get("/").content.decode()


@pytest.mark.parametrize(
    ("language", "moment", "day", "short"),
    [
        ("en", "22 Nov 2026, 8:46 pm", "22 November 2026", "22 Nov"),
        ("zh-hans", "2026年11月22日 20:46", "2026年11月22日", "11月22日"),
        ("ms", "22 Nov 2026, 20:46", "22 November 2026", "22 Nov"),
        ("ta", "22 நவ 2026, 20:46", "22 நவம்பர் 2026", "22 நவ"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language, moment, day, short, database):
    from django.utils import translation

    from recoup.notifications.queries import arriving
    from recoup.web import languages

    at = datetime(2026, 11, 22, 12, 46, tzinfo=UTC)
    with translation.override(language):
        assert languages.moment(at) == moment
        assert languages.day(at) == day
        assert arriving.short_day(date(2026, 11, 22)) == short


@pytest.mark.parametrize(
    ("language", "tag", "asks", "on_its_way", "story"),
    [
        ("zh-hans", "zh-Hans", "发生了什么", "已批准。您的钱正在发出", "您申请了退款"),
        ("ms", "ms", "Apa yang berlaku?", "Diluluskan. Wang anda sedang dihantar", "Anda meminta bayaran balik"),
        ("ta", "ta", "என்ன நடந்தது?", "அங்கீகரிக்கப்பட்டது. உங்கள் பணம் அனுப்பப்படுகிறது", "பணத்தைத் திரும்பக் கேட்டீர்கள்"),
    ],
)
def test_mei_asks_and_follows_her_case_in_her_language(shop, mei, language, tag, asks, on_its_way, story):
    order = shop.order(("kettle", 1, 1890), ("cup", 3, 1200))
    mei.browser.cookies["recoup-language"] = language
    mei.asks_about(order).enters_the_code()
    mei.chooses(line1=1)
    assert asks in mei.page
    mei.says("I changed my mind")
    assert "S$18.90" in mei.page
    mei.confirms()

    assert f'<html lang="{tag}">' in mei.page
    assert on_its_way in mei.page
    assert story in mei.page
    for english in ("You asked", "Approved", "Expected", "business days", "refund", "Your "):
        assert english not in _texts(mei.page), english


def test_what_is_kept_of_a_decision_is_english_whatever_she_reads(shop, mei):
    from recoup.refunds import queries

    mei.browser.cookies["recoup-language"] = "ta"
    mei.asks_about(shop.order(("kettle", 1, 1890))).enters_the_code()
    mei.chooses(line1=1)
    mei.says("I changed my mind")
    mei.confirms()

    merchant_id, case_id = queries.find_by_number(mei.case_number)
    case = queries.case_by_id(merchant_id=merchant_id, case_id=case_id)
    assert (case.locale, case.explanation.startswith("Approved: S$18.90.")) == ("ta", True)


def _texts(page):
    """What a reader sees of the page's main part."""
    return re.sub(r"<[^>]*>", " ", page.partition("<main")[2].partition("</main>")[0])
