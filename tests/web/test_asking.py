"""A shopper asks for a refund, without scripts."""

import pytest

from tests.web.conftest import photo


@pytest.fixture
def order(shop):
    return shop.order(("kettle", 1, 1890), ("cup", 3, 1200))


@pytest.fixture
def mei_at_items(mei, order):
    return mei.asks_about(order).enters_the_code()


def test_mei_asks_and_sees_her_case(mei_at_items, order):
    mei = mei_at_items
    assert "The kettle" in mei.page
    assert "The cup" in mei.page

    mei.chooses(line1=1)
    assert "What happened?" in mei.page
    mei.says("I changed my mind")
    assert "S$18.90" in mei.page
    assert "Visa •••• 4242" in mei.page
    assert "business days" in mei.page
    mei.confirms()

    assert mei.path == f"/cases/{mei.case_number}"
    assert order in mei.page
    assert "Asked" in mei.page


def test_the_answer_is_the_same_whether_we_know_the_order(mei, order):
    known = mei.asks_about(order).page.replace(order, "NUMBER")
    unknown = mei.asks_about("NO-SUCH-1").page.replace("NO-SUCH-1", "NUMBER")

    def without_tokens(page):
        return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]

    assert without_tokens(known) == without_tokens(unknown)
    assert len(mei.mails.codes()) == 2


def test_an_unknown_order_is_no_dead_end(mei):
    mei.asks_about("NO-SUCH-1").enters_the_code()
    mei.opens(mei.path)
    assert "We could not find that order yet" in mei.page
    mei.sends(mei.path, bought="A blue kettle")
    mei.says("The lid was broken")
    assert "A person will look for your order" in mei.page
    mei.confirms()

    assert mei.case_number in mei.page
    assert "A person is looking at it" in mei.page


def test_somebody_elses_order_stays_unknown(mei, order):
    mei.asks_about(order, email="eve@elsewhere.example").enters_the_code()
    mei.opens(mei.path)

    assert "We could not find that order yet" in mei.page
    assert "The kettle" not in mei.page


def test_a_wrong_code_is_said_and_five_tries_are_all(mei, order):
    mei.asks_about(order)
    for _ in range(5):
        mei.sends(f"/ask/{mei.shop.slug}/code", code="000000")
        assert "That code does not work" in mei.page
        assert mei.response.status_code == 422
    mei.enters_the_code()

    assert "That code does not work" in mei.page


def test_nothing_ticked_is_said_beside_the_list(mei_at_items):
    mei_at_items.sends(f"/ask/{mei_at_items.shop.slug}/items")

    assert "Please tick at least one article" in mei_at_items.page


def test_neither_words_nor_reason_is_said_and_linked(mei_at_items):
    mei_at_items.chooses(line1=1).says("")

    assert "Please write what happened, or pick a reason below." in mei_at_items.page
    assert 'href="#id_words"' in mei_at_items.page
    assert 'aria-invalid="true"' in mei_at_items.page


def test_going_back_loses_nothing(mei_at_items):
    mei = mei_at_items
    mei.chooses(line2=2).says("The cups are broken", photos=[photo()])
    mei.opens(f"/ask/{mei.shop.slug}/reason")
    assert "The cups are broken" in mei.page
    assert "Your photo 1" in mei.page
    mei.opens(f"/ask/{mei.shop.slug}/items")

    assert '<option value="2" selected>' in mei.page


def test_photos_go_with_the_request(mei_at_items):
    from recoup.refunds import queries

    mei = mei_at_items
    mei.chooses(line1=1).says("The kettle is broken", photos=[photo(), photo()]).confirms()
    merchant_id, case_id = queries.find_by_number(mei.case_number)

    assert len(queries.photos_of_case(merchant_id=merchant_id, case_id=case_id)) == 2


def test_a_photo_shown_before_is_seen(mei, shop):
    from recoup.refunds import queries

    shown = photo()
    for _ in range(2):
        shown.seek(0)
        order = shop.order(("kettle", 1, 1890))
        mei.asks_about(order).enters_the_code().chooses(line1=1)
        mei.says("The kettle is broken", photos=[shown]).confirms()
    merchant_id, case_id = queries.find_by_number(mei.case_number)

    (kept,) = queries.photos_of_case(merchant_id=merchant_id, case_id=case_id)
    assert kept.seen_before == 1


def test_a_file_that_is_no_photo_is_refused_and_the_words_stay(mei_at_items):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fake = SimpleUploadedFile("evil.jpg", b"<script>", content_type="image/jpeg")
    mei_at_items.chooses(line1=1).says("The lid is broken", photos=[fake])

    assert "evil.jpg: This file is not a JPEG" in mei_at_items.page
    assert "The lid is broken" in mei_at_items.page


def test_confirming_twice_files_one_case(mei_at_items, shop):
    from recoup.refunds import queries

    mei = mei_at_items
    mei.chooses(line1=1).says("I changed my mind")
    page = mei.response
    mei.confirms()
    first = mei.case_number
    mei.response = page
    mei.confirms()

    assert mei.case_number == first
    assert len(queries.page_of_cases(merchant_id=shop.id, before=None, limit=10)) == 1


def test_more_units_than_are_left_cannot_be_chosen(mei_at_items):
    mei_at_items.chooses(line2=4)

    assert "choose a number from 1 to 3" in mei_at_items.page


def test_refunded_units_are_shown_and_cannot_be_chosen(mei_at_items, order):
    mei = mei_at_items
    mei.chooses(line1=1).says("I changed my mind").confirms()
    mei.asks_about(order).enters_the_code()

    assert "Already refunded, or its refund is on its way." in mei.page
    assert 'id="line-1"' not in mei.page


def test_a_step_without_the_steps_before_leads_back(mei, shop):
    for step in ("code", "items", "reason", "check", "looking"):
        assert mei.opens(f"/ask/{shop.slug}/{step}").path == f"/ask/{shop.slug}"
