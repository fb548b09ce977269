"""F-20, F-21: many at once want what only one may have."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import requests

from proofs import stock
from proofs.finding import Finding
from proofs.rig import REVIEWING, Rig, new_key
from proofs.stock import CUPS, MUGS, PRICE_MINOR, SOFA_MINOR

DECIDED = ("case.approved", "case.partly_approved", "case.rejected")
WORDS = "This sofa has been used, and so we cannot take it back."


def at_once(calls: Sequence[Callable[[], requests.Response]]) -> list[requests.Response]:
    """All calls begin together; their answers in the same order."""
    gate = threading.Barrier(len(calls))

    def call(one: Callable[[], requests.Response]) -> requests.Response:
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def two_agents_decide(rig: Rig, *, rounds: int, threads: int) -> Finding:
    """F-20: two agents press together, each `threads` times: approve and approve, approve and reject, in turn."""
    finding = Finding("F-20")
    ines, jonas = rig.key_for("Ines", REVIEWING), rig.key_for("Jonas", REVIEWING)
    asked = {order: rig.ask(order, sku="sofa").json() for order in rig.fresh_rare_orders("S", rounds)}
    cases = {UUID(case["id"]): order for order, case in asked.items()}
    undecided = {case["state"] for case in asked.values()}
    finding.expect(undecided == {"in_review"}, f"nobody is asked to decide: {undecided}")
    approved: dict[UUID, str] = {}
    for number, (case, order) in enumerate(cases.items()):

        def approve(case: UUID = case) -> requests.Response:
            return rig.post(f"refunds/{case}/approve", {}, api_key=ines)

        def answer_back(case: UUID = case, verb: str = "reject" if number % 2 else "approve") -> requests.Response:
            return rig.post(f"refunds/{case}/{verb}", {"words": WORDS} if verb == "reject" else {}, api_key=jonas)

        answers = at_once([approve, answer_back] * threads)
        # Whoever has won is given the same answer again; everybody else is told where the case stands.
        winners = [number % 2 for number, answer in enumerate(answers) if answer.status_code == 200]
        losers = [answer for answer in answers if answer.status_code == 409 and "state" in answer.json()]
        told = f"{order}: {dict(Counter(answer.status_code for answer in answers))}"
        finding.expect(len(set(winners)) == 1, f"not one decision: {told}")
        finding.expect(len(winners) + len(losers) == len(answers), f"an answer that is neither: {told}")
        rows = rig.rows(
            "SELECT kind, actor FROM events_event WHERE subject_id = %s AND kind = ANY(%s)", case, list(DECIDED)
        )
        finding.expect(len(rows) == 1, f"{order}: {len(rows)} rows of audit: {rows[:3]}")
        if rows and rows[0][0] != "case.rejected":
            approved[case] = order
    finding.took(rig.settle(approved))
    finding.refunds += len(cases) - len(approved)
    _one_twice_is_not_two(rig, finding, threads=threads, agents=(ines, jonas))
    rejected = [case for case in cases if case not in approved]
    finding.expect(not rig.payouts(rejected), "a rejected case has a payout")
    rig.judge(finding, approved, amount_minor=SOFA_MINOR)
    rig.verify(finding)
    return finding


def _one_twice_is_not_two(rig: Rig, finding: Finding, *, threads: int, agents: Sequence[str]) -> None:
    """Where two people are needed, nobody is two by pressing often: each yes is kept once, and nothing is paid."""
    rig.database.execute(_TWO_PEOPLE, [rig.company.id])
    try:
        (order,) = rig.fresh_rare_orders("S", 1)
        case = UUID(rig.ask(order, sku="sofa").json()["id"])
        calls = [lambda key=key: rig.post(f"refunds/{case}/approve", {}, api_key=key) for key in agents]  # type: ignore[misc]
        answers = at_once(calls * threads)
        statuses = Counter(answer.status_code for answer in answers)
        finding.expect(set(statuses) == {202}, f"{order}: one was two: {dict(statuses)}")
        kept = rig.rows("SELECT actor FROM refunds_approval WHERE case_id = %s AND decided_at IS NULL", case)
        finding.expect(len(kept) == len(agents), f"{order}: {len(kept)} yeses of {len(agents)} agents")
        finding.expect(not rig.payouts([case]), f"{order}: paid without a second person")
        finding.refunds += 1
    finally:
        rig.database.execute("DELETE FROM merchants_approvallimits WHERE merchant_id = %s", [rig.company.id])


_TWO_PEOPLE = """
INSERT INTO merchants_approvallimits
       (id, merchant_id, number, four_eyes_from_minor, four_eyes_reasons, note, created_by, created_at)
VALUES (gen_random_uuid(), %s, 1, 1, '{}', '', 'proof', now() - interval '3 days')
"""


def partial_refunds(rig: Rig, *, rounds: int, threads: int) -> Finding:
    """F-21: more is wanted at once than was captured: one mug of four each, then different cups of a tight order.

    Then the same money is given back by somebody else, at the provider, before and while it is asked for here.
    """
    finding = Finding("F-21")
    for order in rig.fresh_orders(rounds):
        _race(rig, finding, order, captured_minor=MUGS * PRICE_MINOR, skus=["mug"] * threads)
    cups = [f"cup-{number}" for number in range(1, CUPS + 1)]
    for tight in rig.fresh_rare_orders("R", rounds):
        _race(rig, finding, tight, captured_minor=_captured(rig, tight), skus=cups * (threads // CUPS or 1))
    _refunded_by_hand(rig, finding, rounds=rounds)
    rig.verify(finding)
    return finding


def _race(rig: Rig, finding: Finding, order: int | str, *, captured_minor: int, skus: Sequence[str]) -> None:
    answers = at_once([lambda sku=sku: rig.ask(order, sku=sku, key=new_key()) for sku in skus])  # type: ignore[misc]
    statuses = Counter(answer.status_code for answer in answers)
    finding.expect(max(statuses) < 500, f"{order}: {dict(statuses)}")
    cases = {UUID(answer.json()["id"]): order for answer in answers if answer.status_code == 201}
    paid = {case: order for case in cases if any(rig.payouts([case]))}
    finding.took(rig.settle(paid))
    rig.judge(finding, paid, amount_minor=None)
    promised = sum(amount for _, _, _, amount in rig.payouts(cases))
    finding.expect(promised <= captured_minor, f"{order}: {promised} of {captured_minor} was promised")
    finding.expect(promised > 0, f"{order}: nobody was paid: {dict(statuses)}")


def control_sum_check(rig: Rig) -> Finding:
    """A web that adds up what was refunded instead of counting it under a guard: raced, it has to pay too much."""
    finding = Finding("F-21 control")
    rig.database.execute("ALTER TABLE payments_capture DROP CONSTRAINT never_more_back_than_captured")
    cups = [f"cup-{number}" for number in range(1, CUPS + 1)]
    told: list[str] = []
    paid_too_much = False
    # Requests that reach the same process share a transaction; more processes race more.
    with rig.broken("web", "web", "sum_check", settings={"RECOUP_WEB_WORKERS": "4"}):
        for order in rig.fresh_rare_orders("R", 3):
            answers = at_once([lambda order=order, sku=sku: rig.ask(order, sku=sku, key=new_key()) for sku in cups])  # type: ignore[misc]
            cases = [UUID(answer.json()["id"]) for answer in answers if answer.status_code == 201]
            payouts = rig.payouts(cases)
            rig.settle({case for _, case, _, _ in payouts}, seconds=30)
            moved, captured_minor = rig.moved(), _captured(rig, order)
            paid_minor = sum(one for payout, _, _, _ in payouts for one in moved.get(str(payout), []))
            paid_too_much |= paid_minor > captured_minor
            finding.refunds += len(cases)
            told.append(f"{paid_minor} of {captured_minor}")
    finding.control(paid_too_much, f"a SUM check paid {', '.join(told)}")
    return finding


def _captured(rig: Rig, order: str) -> int:
    charge = stock.charge_of(rig.company, order)
    return int(rig.rows("SELECT captured_minor FROM payments_capture WHERE provider_charge_id = %s", charge)[0][0])


def _refunded_by_hand(rig: Rig, finding: Finding, *, rounds: int) -> None:
    """Somebody gives three of four mugs back at the provider's own desk: that is seen, counted, and not paid again."""
    for number, order in enumerate(rig.fresh_orders(rounds)):
        charge = stock.charge_of(rig.company, f"P{order}")
        by_hand = [lambda charge=charge: _give_back(rig, charge, minor=3 * PRICE_MINOR)]  # type: ignore[misc]
        asking = [lambda order=order: rig.ask(order, key=new_key())] * MUGS  # type: ignore[misc]
        if number % 2:
            answers = at_once([*by_hand, *asking])[1:]
        else:
            by_hand[0]()
            _wait_until_counted(rig, charge, minor=3 * PRICE_MINOR)
            answers = at_once(asking)
        finding.expect(max(answer.status_code for answer in answers) < 500, f"P{order}: {answers}")
        cases = {UUID(answer.json()["id"]): order for answer in answers if answer.status_code == 201}
        _all_known(rig, cases)
        _judge_beside_hand(rig, finding, order, charge, cases, is_known=not number % 2)


def _give_back(rig: Rig, charge: str, *, minor: int) -> requests.Response:
    return requests.post(
        f"{rig.provider}/v1/refunds",
        auth=(f"sk_test_{rig.company.slug}", ""),
        data={"charge": charge, "amount": minor},
        timeout=10,
    )


def _wait_until_counted(rig: Rig, charge: str, *, minor: int) -> None:
    sql = "SELECT elsewhere_minor FROM payments_capture WHERE provider_charge_id = %s"
    rig.wait(lambda: rig.rows(sql, charge)[0][0] == minor, f"the refund by hand of {charge} is counted")


def _all_known(rig: Rig, cases: dict[UUID, int]) -> None:
    """Every payout of these cases has an answer that will not change by itself."""
    ended = ("succeeded", "failed", "reversed", "canceled")
    rig.wait(lambda: all(state in ended for _, _, state, _ in rig.payouts(cases)), "payouts beside a refund by hand")


def _judge_beside_hand(
    rig: Rig, finding: Finding, order: int, charge: str, cases: dict[UUID, int], *, is_known: bool
) -> None:
    """What moved is no more than was captured; what was refused is a person's, and is not sent again."""
    payouts = rig.payouts(cases)
    paid = {case: order for _, case, state, _ in payouts if state == "succeeded"}
    refused = [payout for payout, _, state, _ in payouts if state != "succeeded"]
    rig.judge(finding, paid)
    _wait_until_counted(rig, charge, minor=_moved_by_hand(rig, charge))
    told = rig.rows(
        "SELECT captured_minor, reserved_minor, paid_minor, elsewhere_minor FROM payments_capture"
        " WHERE provider_charge_id = %s",
        charge,
    )[0]
    finding.expect(sum(told[1:]) <= told[0] or not is_known, f"P{order}: I2 is broken: {told}")
    finding.expect(told[2] + told[3] <= told[0], f"P{order}: more has gone back than was taken: {told}")
    finding.expect(not (is_known and refused), f"P{order}: promised although it was known to be gone: {told}")
    sent = rig.rows(
        "SELECT payout_id, count(*) FROM payments_answer WHERE payout_id = ANY(%s) GROUP BY 1 HAVING count(*) > 3",
        refused,
    )
    finding.expect(not sent, f"P{order}: refused, and asked for again and again: {sent}")


def _moved_by_hand(rig: Rig, charge: str) -> int:
    url = f"{rig.provider}/_practice/movements"
    told: dict[str, Any] = requests.get(url, params={"account": rig.company.account}, timeout=30).json()
    return sum(
        int(one["amount_minor"])
        for one in told["movements"]
        if one["charge"] == charge and one["recoup_payout"] is None
    )
