"""The verdict in the shopper's words. "Approved" is never "refunded": the money is spoken of elsewhere, when it moves.

Every code that a verdict can carry has its sentence here; a test holds the two lists together. `say` is given each
sentence before anything is filled in: the identity for English, a catalogue for other languages.
"""

from __future__ import annotations

from collections.abc import Callable

from recoup.kernel.money import spoken
from recoup.refunds.policy.verdict import Deduction, LineVerdict, Outcome, Verdict, Words

#: What turns an English sentence into the reader's.
Say = Callable[[str], str]

#: Why something is granted, refused or asked for. Placeholders are the parameters of `Words`.
SENTENCES: dict[str, str] = {
    "within_policy": "Your request is within the shop's refund policy.",
    "legal_right": "The law gives you {law}, and it comes before the shop's own policy.",
    "legal_remedy_due": "The shop's own policy has ended for this, but the law still protects you: {law}. "
    "A person will settle with you whether it is repaired, replaced or paid back.",
    "never_bought": "We cannot find this among what was bought with this order.",
    "already_refunded": "This has already been refunded, or a refund for it is on its way.",
    "nothing_asked": "No item was chosen.",
    "nothing_paid": "Nothing was paid for this, so there is nothing to pay back.",
    "window_closed": "The time to ask for this is over: the shop gives {days} days from {start}.",
    "final_sale": "This was sold as final sale, so it cannot be returned because of a change of mind.",
    "personalised": "This was made for you personally, so it cannot be returned because of a change of mind.",
    "perishable": "This is food or something else that goes off, so it cannot be returned because of a change of mind.",
    "hygiene_opened": "The hygiene seal is open, so this cannot be returned because of a change of mind.",
    "media_opened": "The seal is open, so this film, game or recording cannot be returned because of a change of mind.",
    "digital_used": "This was already downloaded, so it cannot be returned because of a change of mind.",
    "service_used": "This service was already carried out.",
    "not_refundable_kind": "Delivery, fees, discounts and adjustments are not refunded by themselves.",
    "kind_needs_person": "This part of the order is not an article, so a person looks at it before anything is paid.",
    "excluded_by_policy": "The shop's refund policy does not cover this.",
    "order_unknown": "The shop has not confirmed this order to us yet. A person is looking after it.",
    "policy_unclear": "A person needs to look at your request.",
    "more_than_paid": "The amount is more than what is left of this payment, so a person looks at it.",
    "goods_not_as_sent": "Something about the returned goods needs a person's look.",
    "amount_high": "Because of the amount, a person takes a look before it is approved.",
    "goods_back": "Please send the goods back first. Once they are checked in, your refund is approved.",
    "already_shipped": "Your order had already left when you cancelled. "
    "Please send it back; once it is checked in, your refund is approved.",
    "delivered_says_carrier": "The carrier says that this was delivered. A person asks the carrier for you.",
    "photos_seen_before": "A person needs to look at your photos.",
    "amount_unclear": "A person works out how much was charged too much.",
    "reason_unclear": "A person reads what you wrote and answers you.",
    "needs_look": "A person needs to look at your request.",
    "unknown_currency": "A person needs to look at your request.",
    "photos_needed": "Please add {photos} showing {shows}.",
    "own_words_needed": "Please tell us in a sentence what happened.",
}

OPENINGS: dict[Outcome, str] = {
    Outcome.APPROVE: "Approved: {amount}.",
    Outcome.APPROVE_PARTLY: "Approved in part: {amount}.",
    Outcome.REJECT: "We cannot approve this refund.",
    Outcome.ASK_EVIDENCE: "We need one more thing from you.",
    Outcome.ASK_GOODS: "The goods are needed back.",
    Outcome.ASK_PERSON: "A person is taking over.",
}

_FEES = {
    "restocking": "{amount} is kept as the shop's restocking fee.",
    "return_shipping": "{amount} is kept for sending the goods back.",
}
_SHOWN = {
    "item": "the article",
    "damage": "what is wrong with it",
    "label": "its label",
    "parcel": "the parcel as it came",
    "receipt": "the receipt",
    "screenshot": "the screen",
    "own_words": "",
    "goods": "",
}
_DISAGREE = "If you see it differently, tell us why: a person will read it and answer you."
_DELIVERY = "Delivery of {amount} is included."
_LINE = "{title}: {why}"
_NOT_INCLUDED = "{title}: not included. {why}"
_FEWER = "{title}: {count} of the units asked for; the others were not bought or are refunded already."
_STARTS = {"delivered": "the day it arrived", "ordered": "the day of the order"}
_ONE_PHOTO, _PHOTOS, _AND = "1 photo", "{count} photos", "{one} and {other}"
#: Every text of this module, for the catalogues.
TEXTS: tuple[str, ...] = (
    *(text for table in (SENTENCES, OPENINGS, _FEES, _SHOWN, _STARTS) for text in table.values() if text),
    *(_DISAGREE, _DELIVERY, _LINE, _NOT_INCLUDED, _FEWER, _ONE_PHOTO, _PHOTOS, _AND),
)


def in_words(verdict: Verdict, *, say: Say = str) -> str:
    """The verdict as the shopper reads it: the answer, its reason, each line that differs, and what to do next."""
    opening = say(OPENINGS[verdict.outcome]).format(amount=spoken(verdict.total_minor, verdict.currency))
    sentences = [opening, sentence(verdict.words, asks=verdict.asks, say=say)]
    sentences += _of_the_lines(verdict, say)
    if verdict.shipping_minor and verdict.grants:
        shipping = spoken(verdict.shipping_minor + verdict.shipping_tax_minor, verdict.currency)
        sentences.append(say(_DELIVERY).format(amount=shipping))
    sentences += [_of_a_fee(deduction, verdict.currency, say) for deduction in verdict.deductions]
    if verdict.outcome in (Outcome.REJECT, Outcome.APPROVE_PARTLY):
        sentences.append(say(_DISAGREE))
    return " ".join(sentences)


def line_in_words(line: LineVerdict, *, say: Say = str) -> str:
    """Why one line was granted, refused or left to a person."""
    return sentence(line.words, say=say)


def sentence(words: Words, *, asks: tuple[str, ...] = (), say: Say = str) -> str:
    """One reason as a sentence; the merchant's own words stand in its place when the policy has them."""
    params = dict(words.params)
    if "own_words" in params:
        return params["own_words"]
    shows = ""
    for shown in (say(_SHOWN[ask]) for ask in asks if _SHOWN.get(ask)):
        shows = say(_AND).format(one=shows, other=shown) if shows else shown
    start = say(_STARTS["delivered" if params.get("counts_from") == "delivered" else "ordered"])
    if "photos" in params:
        params["photos"] = say(_ONE_PHOTO) if params["photos"] == "1" else say(_PHOTOS).format(count=params["photos"])
    if "law" in params:
        params["law"] = say(params["law"])
    return say(SENTENCES[words.key]).format(**{**params, "start": start, "shows": shows})


def _of_the_lines(verdict: Verdict, say: Say) -> list[str]:
    if verdict.outcome is Outcome.REJECT:
        others = [line for line in verdict.lines if line.reason_code != verdict.reason_code]
        return [say(_LINE).format(title=line.title, why=line_in_words(line, say=say)) for line in others]
    said = [
        say(_NOT_INCLUDED).format(title=line.title, why=line_in_words(line, say=say))
        for line in verdict.lines
        if line.outcome is Outcome.REJECT
    ]
    said += [
        say(_FEWER).format(title=line.title, count=line.quantity)
        for line in verdict.lines
        if line.outcome is Outcome.APPROVE_PARTLY
    ]
    return said


def _of_a_fee(deduction: Deduction, currency: str, say: Say) -> str:
    return say(_FEES[deduction.code]).format(amount=spoken(-deduction.amount_minor, currency))
