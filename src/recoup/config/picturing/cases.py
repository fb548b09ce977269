"""Refunds in every state that a page can show, asked for through the API as the company's server would."""

from __future__ import annotations

import time
from typing import Any

import requests

from recoup.config.picturing.people import COMPANY, SECONDS_MAX, Scene

#: What is asked for and the state in which it stays.
_WISHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("closed", {"order_number": "MH-1001", "reason": "changed_mind", "goods_received": True, "items": ["TOWEL-OAT"]}),
    ("awaiting_return", {"order_number": "MH-1002", "reason": "changed_mind"}),
    ("in_review", {"order_number": "MH-1003", "reason": "other", "words": "Something is odd about it."}),
    ("rejected", {"order_number": "MH-1004", "reason": "changed_mind", "goods_received": True}),
    ("needs_evidence", {"order_number": "MH-1001", "reason": "damaged", "items": ["MUG-BLUE"]}),
)


def file_all(scene: Scene) -> None:
    """The scene has a case of each state afterwards. Raises TimeoutError when one does not come so far."""
    key = next(row["key"] for row in scene.told()["api_keys"] if row["slug"] == COMPANY)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"
    for state, wish in _WISHES:
        items = [{"sku": sku, "quantity": 1} for sku in wish.get("items", [])]
        body = {**wish, "items": items}
        answer = session.post(
            f"{scene.url}/api/v1/refunds", json=body, headers={"Idempotency-Key": f"pictures-{state}"}, timeout=30
        )
        answer.raise_for_status()
        scene.cases[state] = _when_it_is(session, scene, answer.json()["id"], state)


def _when_it_is(session: requests.Session, scene: Scene, case_id: str, state: str) -> str:
    until, found = time.monotonic() + SECONDS_MAX, {}
    while time.monotonic() < until:
        found = session.get(f"{scene.url}/api/v1/refunds/{case_id}", timeout=30).json()
        if found["state"] == state:
            return str(found["number"])
        time.sleep(0.3)
    raise TimeoutError(f"{found.get('number')} is {found.get('state')}, not {state}")
