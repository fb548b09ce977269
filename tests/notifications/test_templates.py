"""What each message says, word for word; and what none of them may ever say."""

import html
import os
import re
from pathlib import Path

import pytest

from recoup.notifications import wording

SNAPSHOTS = Path(__file__).parent / "snapshots"
ROUTES = [
    {
        "name": "Visa •••• 4242",
        "amount": "S$80.00",
        "reference": "74537604221431003881865",
        "expected": "between 27 Nov and 4 Dec",
    },
    {"name": "Gift card", "amount": "S$9.90", "reference": "", "expected": "within minutes"},
]
CASE = {
    "number": "RC-7K3M-9QXD-4",
    "company": "Tan & Söhne",
    "order_number": "SG-1042",
    "support_email": "help@tan.example",
    "state": "approved",
    "explanation": "Approved: S$89.90. Your request is within the shop's refund policy.",
    "amount": "S$89.90",
    "lines": [["Kettle <1 l>", 1, "S$49.90"], ["Cup", 4, "S$36.01"]],
    "shipping": "S$3.99",
    "routes": ROUTES,
    "expected": "between 27 Nov and 4 Dec",
}
SENT = {"sent_on": "20 Nov", "state": "approved"}
SAID = {
    "one_time_code": {"code": "042137", "company": "Tan & Söhne", "about": "order SG-1042", "minutes": 10},
    "case_received": CASE | {"state": "verifying_order"},
    "needs_evidence": CASE
    | {
        "explanation": "We need one more thing from you. Please add 1 photo(s) showing what is wrong with it.",
        "until": "6 Dec",
    },
    "awaiting_return": CASE
    | {"explanation": "The goods are needed back. Please send the goods back first.", "until": "22 Dec"},
    "in_review": CASE | {"explanation": "A person is taking over. Because of the amount, a person takes a look."},
    "approved": CASE
    | {
        "routes": [
            route | {"reference": "", "expected": "5 to 10 business days after it is sent"} for route in ROUTES[:1]
        ]
    },
    "partly_approved": CASE
    | {"left_out": [["Soap", 2]], "fees": "S$2.00", "explanation": "Approved in part. Soap: not included."},
    "rejected": CASE
    | {"amount": "", "lines": [], "shipping": "", "routes": [], "explanation": "The time to ask for this is over."},
    "sent": CASE | SENT | {"left_out": [["Soap", 2]], "explanation": "Soap: not included. The hygiene seal is open."},
    "credited": CASE | SENT,
    "payout_failed": CASE | SENT | {"was_told_sent": True, "failed": ["S$80.00"], "is_returned": True},
    "appeal_received": CASE,
    "withdrawn": CASE,
    "expired": CASE,
    "webhooks_stopped": {"company": "Tan & Söhne", "server": "hooks.tan.example", "is_gone": False},
}
#: About no case.
OTHERS = {"one_time_code", "webhooks_stopped"}


@pytest.fixture
def written(cluster):
    from recoup.notifications import rendering

    return {template: rendering.render(template=template, context=context) for template, context in SAID.items()}


def test_every_template_has_its_picture():
    assert set(SAID) == set(wording.WAITS_S) == set(wording.ANSWERS.values()) | OTHERS


@pytest.mark.parametrize("template", sorted(SAID))
def test_each_message_says_what_was_agreed(written, template):
    said = written[template]
    whole = f"Subject: {said.subject}\n\n{said.text}\n{'-' * 80}\n{said.html}"
    snapshot = SNAPSHOTS / f"{template}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        snapshot.write_text(whole)

    assert whole == snapshot.read_text(), "run with UPDATE_SNAPSHOTS=1 and read the difference"


@pytest.mark.parametrize("template", sorted(SAID))
def test_nothing_is_missing_and_nothing_is_markup(written, template):
    said = written[template]

    for part in (said.subject, said.text, said.html):
        assert "MISSING-" not in part
        assert "{{" not in part
        assert "{%" not in part
    assert "\n" not in said.subject
    assert "<" not in said.text.replace("Kettle <1 l>", "")
    assert "Kettle <1 l>" not in said.html
    assert not re.search(r"\n{3,}", said.text)


@pytest.mark.parametrize("template", sorted(set(SAID) - OTHERS))
def test_every_message_about_a_case_carries_its_number_and_the_way_to_it(written, template):
    said = written[template]

    assert "RC-7K3M-9QXD-4" in said.subject
    for part in (said.text, said.html):
        assert "RC-7K3M-9QXD-4" in part
        assert "/cases/RC-7K3M-9QXD-4" in part
        assert "ticket=" not in part
        assert "token" not in part


@pytest.mark.parametrize("template", sorted(SAID))
def test_text_and_html_say_the_same(written, template):
    def words(text):
        return {word.strip(".") for word in re.findall(r"[\w$.•]+", text.lower())} - {"x", ""}

    said = written[template]
    frame = {"see", "your", "case", "add", "it", "to", "tell", "us", "why", "you", "disagree"}

    shown = re.sub(r"(?s)<title>.*?</title>|<div style=\"display:none.*?</div>|<[^>]+>", " ", said.html)
    assert words(html.unescape(shown)) - words(said.text) <= frame


@pytest.mark.parametrize("template", sorted(set(SAID) - {"sent", "credited"}))
def test_nobody_reads_that_the_money_is_sent_before_it_is(written, template):
    words = f"{written[template].subject} {written[template].text}".lower()

    for claim in (
        "on its way",
        "has been refunded",
        "was refunded",
        "we refunded",
        "has arrived: ",
        "in your account:",
    ):
        assert claim not in words


def test_approved_is_not_sent_is_not_arrived(written):
    assert "Approved is not sent yet" in written["approved"].text
    assert "Sent is not yet in your account" in written["sent"].text
    assert "74537604221431003881865" in written["sent"].text
    assert "between 27 Nov and 4 Dec" in written["sent"].text


def test_a_rejection_gives_the_reason_and_asks_why_they_disagree(written):
    assert "The time to ask for this is over." in written["rejected"].text
    assert "why do you disagree?" in written["rejected"].text


def test_what_is_left_out_is_listed(written):
    for template in ("partly_approved", "sent"):
        assert "Not included: 2 x Soap." in written[template].text


def test_a_subject_stays_one_line_whatever_a_company_is_called(cluster):
    from recoup.notifications import rendering

    said = rendering.render(template="approved", context=CASE | {"company": "Tan\r\nBcc: all@example.com"})

    assert "\n" not in said.subject
    assert "\r" not in said.subject


def test_a_destination_shows_only_its_last_four_digits():
    from recoup.notifications.case_facts import masked

    assert masked("Visa 4111 1111 1111 4242") == "Visa •••• 4242"
    assert masked("DBS 0123456789") == "DBS •••• 6789"
    assert masked("Visa •••• 4242") == "Visa •••• 4242"
