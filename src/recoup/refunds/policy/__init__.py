"""The decision: facts and a merchant's policy in, a verdict with reasons out. No database, no network, no clock.

Nouns: *facts* (what is known about one request), *policy* (a merchant's decision tables, by version and hash), *floors*
(what the law of the shopper's country gives at least), *verdict* (the answer, its money, its rule and its words).

This is the counter: others import from here. Photographs are at `recoup.refunds.policy.photos`, which needs numpy.
"""

from recoup.refunds.policy.comparing import Change, Comparison, compare
from recoup.refunds.policy.decide import decide, decide_with_trace
from recoup.refunds.policy.documents import PolicyRefused, Problem
from recoup.refunds.policy.engine import Policy, default_document, default_policy, policy_from_text, read_policy
from recoup.refunds.policy.facts import (
    Channel,
    EvidenceFacts,
    Facts,
    FactsNotUnderstood,
    GoodsState,
    LineFacts,
    LineKind,
    OrderFacts,
    OrderStatus,
    ShopperFacts,
)
from recoup.refunds.policy.floors import Floors, LawRule, LawUnknown, current_floors, floors_of
from recoup.refunds.policy.reasons import FAULT_REASONS, Reason, is_fault
from recoup.refunds.policy.verdict import Deduction, LineVerdict, Outcome, Signal, Verdict, Words
from recoup.refunds.policy.words import in_words, line_in_words

__all__ = [
    "FAULT_REASONS",
    "Change",
    "Channel",
    "Comparison",
    "Deduction",
    "EvidenceFacts",
    "Facts",
    "FactsNotUnderstood",
    "Floors",
    "GoodsState",
    "LawRule",
    "LawUnknown",
    "LineFacts",
    "LineKind",
    "LineVerdict",
    "OrderFacts",
    "OrderStatus",
    "Outcome",
    "Policy",
    "PolicyRefused",
    "Problem",
    "Reason",
    "ShopperFacts",
    "Signal",
    "Verdict",
    "Words",
    "compare",
    "current_floors",
    "decide",
    "decide_with_trace",
    "default_document",
    "default_policy",
    "floors_of",
    "in_words",
    "is_fault",
    "line_in_words",
    "policy_from_text",
    "read_policy",
]
