"""Example cases for the style page: one of each standing that a shopper or a reviewer can meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from recoup.refunds.states import CaseState
from recoup.web.review import verbs
from recoup.web.review.view_models import (
    CaseDesk,
    Choice,
    Deadline,
    Entry,
    Extra,
    Fact,
    Leg,
    Line,
    Photo,
    Posting,
    Row,
    YesNotice,
)
from recoup.web.shopper import standing, story
from recoup.web.shopper.view_models import CasePage, Company, Item, Order, Outlook, Route, SumLine, Told

NOON = datetime(2026, 11, 22, 12, 46, tzinfo=UTC)
COMPANIES = (
    Company(slug="kopi-and-tea", name="Kopi & Tea Traders", is_verified=True),
    Company(slug="rumah", name="Rumah Homeware", is_verified=True),
    Company(slug="new-shop", name="Tanjong Sports", is_verified=False),
)
ORDER = Order(
    number="KT-20418",
    placed_at=NOON - timedelta(days=6),
    items=(
        Item(key="1", name="Enamel kettle, jade", picture_url="", price_each="S$48.90", bought=1, free=1, chosen=1),
        Item(key="2", name="Kopi cup, set of 6", picture_url="", price_each="S$21.50", bought=3, free=2),
        Item(key="3", name="Tea towel", picture_url="", price_each="S$6.00", bought=1, free=0),
        Item(key="4", name="Paper straws", picture_url="", price_each="S$0.10", bought=100, free=100),
    ),
)
SUM = (
    SumLine(name="Enamel kettle, jade \N{MULTIPLICATION SIGN} 1", amount="S$44.01"),
    SumLine(name="Price", amount="S$48.90", is_part=True),
    SumLine(name="Your discount then", amount="-S$4.89", is_part=True),
    SumLine(name="Delivery", amount="S$3.99"),
)
ROUTES = (
    Route(name="Visa ending 4242", speed="5 to 10 business days after it is sent", amount="S$38.00", icon="card"),
    Route(name="Gift card ending 77QX", speed="Within a minute", amount="S$10.00", icon="gift"),
)
GRANTED = Outlook(
    heading="You get back",
    total="S$48.00",
    words="Your request is within the shop's refund policy. Confirm, and the money is sent at once.",
    button="Confirm my refund",
    lines=SUM,
    total_of_lines="S$48.00",
    routes=ROUTES,
    next_steps=(
        "You get a case number and an e-mail right away.",
        "The money is sent, usually within a minute.",
        "Your bank needs a few days to show it.",
    ),
)
ASKED = Outlook(
    heading="One photo is still needed",
    words="With it we can decide at once.",
    button="Send it without",
    asks=("Please add 1 photo showing what is wrong with it.",),
    wants_photos=True,
    lines=SUM,
    total_of_lines="S$48.00",
    total_name="You would get back",
    routes=ROUTES,
    next_steps=("You get a case number and an e-mail right away.", "You can add the photo later on the case's page."),
)
TOLD = Told(
    order_number="KT-20418",
    articles="Enamel kettle, jade \N{MULTIPLICATION SIGN} 1",
    reason="It arrived damaged",
    is_guessed=True,
    words="The lid was cracked when I opened the box.",
    photos="1 photo",
    contact="mei.tan@example.sg",
)


@dataclass(frozen=True, slots=True)
class Heard:
    kind: str
    at: datetime
    data: dict[str, Any]


def case(name: str) -> CasePage:
    """An example case by the name of its standing."""
    state, kinds, extra = CASES[name]
    events = [Heard(kind, NOON + timedelta(seconds=9 * at), {}) for at, kind in enumerate(["case.submitted", *kinds])]
    facts = standing.Facts(
        state=state,
        company="Kopi & Tea Traders",
        explanation=extra.get("explanation", ""),
        requested_at=NOON,
        decided_at=NOON + timedelta(seconds=2) if extra.get("decided", True) else None,
        initiated_at=NOON + timedelta(seconds=41) if "case.initiated" in kinds else None,
        credited_at=NOON + timedelta(days=3) if extra.get("credited") else None,
        expected="between 27 Nov and 4 Dec" if state in standing.GRANTED else "",
        has_failed="payout.failed" in kinds,
        is_granted=state in standing.GRANTED or "payout.failed" in kinds,
    )
    heading, words = standing.headline(facts)
    return CasePage(
        number="RC-7KQ4-M2XD",
        company="Kopi & Tea Traders",
        order_number="KT-20418",
        headline=heading,
        words=words,
        total="S$48.00" if facts.is_granted else "",
        clocks=standing.clocks(facts),
        happenings=story.timeline(events),
        next_steps=tuple(extra.get("next", ("You get an e-mail at every step.",))),
        routes=ROUTES if facts.is_granted else (),
        lines=SUM,
        total_of_lines="S$48.00",
        asks=tuple(extra.get("asks", ())),
        can_add_evidence=state is CaseState.NEEDS_EVIDENCE,
        can_withdraw=state is CaseState.IN_REVIEW,
        can_appeal=state is CaseState.REJECTED,
        contact_email="help@kopi.example",
        is_moving=state not in {CaseState.REJECTED, CaseState.WITHDRAWN},
    )


CASES: dict[str, tuple[CaseState, list[str], dict[str, Any]]] = {
    "sent": (
        CaseState.APPROVED,
        ["case.approved", "case.initiated"],
        {
            "next": (
                "Your bank shows it between 27 Nov and 4 Dec.",
                "If it is not there by then, write to us with your case number.",
            )
        },
    ),
    "approved": (CaseState.APPROVED, ["case.approved"], {}),
    "credited": (CaseState.APPROVED, ["case.approved", "case.initiated", "payout.succeeded"], {"credited": True}),
    "review": (
        CaseState.IN_REVIEW,
        ["case.in_review"],
        {"decided": False, "explanation": "Because of the amount, a person takes a look before it is approved."},
    ),
    "evidence": (
        CaseState.NEEDS_EVIDENCE,
        ["case.needs_evidence"],
        {"decided": False, "asks": ["Please add 1 photo showing what is wrong with it."]},
    ),
    "rejected": (
        CaseState.REJECTED,
        ["case.rejected"],
        {"explanation": "The time to ask for this is over: the shop gives 30 days from the day it arrived."},
    ),
    "failed": (CaseState.IN_REVIEW, ["case.approved", "payout.failed", "case.reopened"], {}),
    "withdrawn": (CaseState.WITHDRAWN, ["case.withdrawn"], {"decided": False}),
}

ROWS = (
    Row(
        number="RC-7KQ4-M2XD",
        order_number="SG-20418",
        reason="It arrived damaged",
        state="A person decides",
        tone="waiting",
        asked_at=NOON,
        due=Deadline(at=NOON + timedelta(days=1), words="3 hours late", used_percent=100, is_late=True),
        amount="S$48.00",
    ),
    Row(
        number="RC-1ZXP-90AB",
        order_number="SG-20377",
        reason="It never arrived",
        state="Payment failed",
        tone="wrong",
        asked_at=NOON,
        due=Deadline(at=NOON + timedelta(days=1), words="17 hours left", used_percent=29, is_late=False),
        amount="S$1,120.50",
    ),
)
LINES = (
    Line(
        key="1",
        name="Enamel kettle, jade",
        note="Sold at S$48.90, discount S$4.89",
        bought=1,
        asked=1,
        amount="S$44.01",
        granted="\N{EN DASH}",
    ),
)
CHOICES = (
    Choice(
        key="1",
        name="Kopi cup, set of 6",
        notes=("Asked for: 3 of 3 bought", "3 cost S$64.50", "1 granted before, with S$20.00: say what is paid in all"),
        held=1,
        most=3,
        currency="SGD",
        is_chosen=True,
        chosen=2,
        less="1.50",
    ),
)
EXTRAS = (Extra(code="delivery", words="Delivery, S$3.99", hint="What is left of the delivery cost", is_chosen=True),)
DESK = CaseDesk(
    number="RC-7KQ4-M2XD",
    company="Kopi & Tea Traders",
    order_number="KT-20418",
    state="A person decides",
    tone="waiting",
    asked_at=NOON,
    due_at=NOON + timedelta(days=1),
    reason="It arrived damaged",
    words="The lid was cracked when I opened the box.",
    email="mei.tan@example.sg",
    photos=(Photo(key="x", added_at=NOON, note="Seen before in 1 other case"),),
    no_photos_words="",
    lines=LINES,
    verdict_words="Because of the amount, a person takes a look before it is approved.",
    trace=("Eligibility: goods of any category may be refunded.", "Window: 30 days from the day it arrived."),
    signals=("3 requests in the last 30 days.",),
    facts=(Fact(name="Order placed", value="16 Nov 2026"), Fact(name="Paid", value="S$93.40")),
    happenings=case("review").happenings,
    verbs=verbs.allowed(CaseState.IN_REVIEW, goods_awaited=False),
    nothing_words="",
    legs=(
        Leg(
            key="p",
            name="Visa ending 4242",
            icon="card",
            amount="S$48.00",
            standing="Failed: the card is closed.",
            reference="re_1",
            verbs=(verbs.RETRY, verbs.CALL_OFF),
        ),
    ),
    books=(
        Entry(
            at=NOON,
            words="Promised to the shopper",
            about="Visa ending 4242",
            postings=(
                Posting(account="Refunds granted (your cost)", debit="S$48.00", credit=""),
                Posting(account="Promised and not sent yet", debit="", credit="S$48.00"),
            ),
        ),
    ),
)
YESES = (
    YesNotice(
        title="Aisha Rahman approved S$44.01",
        at=NOON,
        lines=("1 \N{MULTIPLICATION SIGN} Kettle: S$44.01",),
        note="Your kettle should have arrived whole. We are sorry.",
        words="It needs a second person. Approve the same, and the money is sent; or decide otherwise.",
        is_good=True,
    ),
)
