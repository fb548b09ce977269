"""Ordinary requests to vary: Mei bought something online, it came ten days ago, and she asks for her money back."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from recoup.refunds import policy
from recoup.refunds.policy import Facts, LineFacts, OrderFacts, Reason, Verdict

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def days_ago(days: int) -> datetime:
    return NOON - timedelta(days=days)


def a_line(line_id: str = "lamp", **changes: Any) -> LineFacts:
    values: dict[str, Any] = {
        "line_id": line_id,
        "sku": f"SKU-{line_id}",
        "title": line_id.capitalize(),
        "category": "home",
        "quantity_ordered": 1,
        "quantity_requested": 1,
        "goods_minor": 2_500,
    }
    return LineFacts(**{**values, **changes})


def an_order(**changes: Any) -> OrderFacts:
    values: dict[str, Any] = {
        "number": "R-1001",
        "placed_at": days_ago(13),
        "shipped_at": days_ago(12),
        "delivered_at": days_ago(10),
    }
    return OrderFacts(**{**values, **changes})


def a_request(*lines: LineFacts, **changes: Any) -> Facts:
    values: dict[str, Any] = {
        "requested_at": NOON,
        "currency": "SGD",
        "country": "SG",
        "order": an_order(),
        "lines": lines or (a_line(),),
        "reason": Reason.CHANGED_MIND,
    }
    return Facts(**{**values, **changes})


def decided(facts: Facts, merchant: policy.Policy | None = None) -> Verdict:
    return policy.decide(facts=facts, policy=merchant or policy.default_policy(), floors=policy.current_floors())


def a_document(**changes: Any) -> dict[str, Any]:
    """The default policy as a document that a test may change."""
    return {**copy.deepcopy(dict(policy.default_document())), **changes}


def table_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The decision table inside one table's graph."""
    nodes = document["tables"][name]["nodes"]
    return next(node["content"] for node in nodes if node["type"] == "decisionTableNode")


def strict_policy() -> policy.Policy:
    """A merchant that takes nothing back for any reason, keeps half of everything and asks for ten photos."""
    document = a_document(version="strict-1", title="Nothing comes back")
    _only_row(document, "eligibility", {"a-answer": '"reject"', "a-code": '"final_sale"'})
    _only_row(document, "window", {"a-days": "0", "a-counts_from": '"placed"'})
    _only_row(document, "evidence", {"a-photos": "10", "a-kinds": '["item"]', "a-needs_text": "true"})
    _only_row(document, "thresholds", {"a-ask": '"nothing"'})
    fee = {"a-restocking_basis_points": "5000", "a-return_shipping_minor": "700", "a-delivery": '"none"'}
    _only_row(document, "fees", fee)
    return policy.read_policy(document)


def _only_row(document: dict[str, Any], name: str, answers: dict[str, str]) -> None:
    table_of(document, name)["rules"] = [{"_id": "always", **answers}]
