"""The decision itself: `decide` asks each line, then the case, and says the verdict with its money and its reason.

The order of the questions: is there such an order; was each line bought and is it left; do the merchant's tables accept
it, and does the law lift a refusal; then, for what is at stake: must a person look, is evidence missing, must the goods
come back. Risk can only lead to one of these three questions, never to a rejection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from recoup.refunds.policy import judging
from recoup.refunds.policy.amounts import delivery_back, fees_kept, line_verdict
from recoup.refunds.policy.context import case_context, has_nothing_to_return, line_contexts, shared_context
from recoup.refunds.policy.engine import Policy, PolicyUnclear
from recoup.refunds.policy.facts import Facts, GoodsState, LineFacts, OrderStatus
from recoup.refunds.policy.floors import Floors, LawRule
from recoup.refunds.policy.judging import Answer, JudgedLine
from recoup.refunds.policy.reasons import is_fault
from recoup.refunds.policy.verdict import GRANTING, Deduction, Outcome, Signal, Verdict, Words

#: The goods are back as they should be, or nobody wants them back.
_GOODS_SETTLED = frozenset({GoodsState.RECEIVED_OK, GoodsState.NOT_REQUIRED})
#: Something is odd about the goods that came back: a person decides.
_GOODS_ODD = frozenset(
    {
        GoodsState.RECEIVED_DAMAGED,
        GoodsState.RECEIVED_WRONG,
        GoodsState.RECEIVED_INCOMPLETE,
        GoodsState.LOST_ON_THE_WAY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """What the whole case came to, before it is written down as a verdict."""

    outcome: Outcome
    code: str
    rule: str
    params: dict[str, str] = field(default_factory=dict)
    asks: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Hearing:
    """One decision under way: the inputs, and what the tables and the law said so far."""

    facts: Facts
    policy: Policy
    floors: Floors
    zen_trace: dict[str, Any] | None = None
    judged: list[JudgedLine] = field(default_factory=list)
    fees: list[dict[str, Any]] = field(default_factory=list)
    signals: tuple[Signal, ...] = ()
    laws: list[str] = field(default_factory=list)
    shipping: tuple[int, int] = (0, 0)
    deductions: tuple[Deduction, ...] = ()
    trace: dict[str, Any] = field(default_factory=dict)

    @property
    def risk_score(self) -> int:
        return sum(signal.weight for signal in self.signals)

    @property
    def granted(self) -> list[JudgedLine]:
        return judging.answers_together(self.judged, Answer.GRANT)

    def ask(self, graph: str, context: dict[str, Any]) -> dict[str, Any]:
        answers = self.policy.ask(graph, context, trace=self.zen_trace is not None)
        if self.zen_trace is not None:
            self.zen_trace[graph] = _without_clocks(answers.pop("trace"))
        self.trace.update(answers)
        return answers


def decide(*, facts: Facts, policy: Policy, floors: Floors) -> Verdict:
    """The verdict on one request. The same three arguments give the same verdict, byte for byte, for ever.

    Never grants more than the frozen amounts of the facts nor less than the law's floors. A policy that gives no
    clear answer leads to a person, never to an error.
    """
    return _heard(_Hearing(facts=facts, policy=policy, floors=floors))


def decide_with_trace(*, facts: Facts, policy: Policy, floors: Floors) -> tuple[Verdict, dict[str, Any]]:
    """The same verdict, with the engine's whole trace of every table (without its timings), for `explain`."""
    zen_trace: dict[str, Any] = {}
    return _heard(_Hearing(facts=facts, policy=policy, floors=floors, zen_trace=zen_trace)), zen_trace


def _heard(hearing: _Hearing) -> Verdict:
    try:
        finding = _of_the_order(hearing) or _of_the_lines(hearing) or _of_the_case(hearing)
    except PolicyUnclear as error:
        hearing.trace["unclear"] = str(error)
        finding = _leave_it_all_to_a_person(hearing, code="policy_unclear", rule="policy.unclear")
    return _written_down(hearing, finding)


def _of_the_order(hearing: _Hearing) -> _Finding | None:
    status = hearing.facts.order.status
    if status is OrderStatus.NOT_FOUND:
        hearing.judged = [
            JudgedLine(line=line, answer=Answer.REJECT, code="never_bought", rule="order.not_found")
            for line in hearing.facts.lines
        ]
        return _Finding(outcome=Outcome.REJECT, code="never_bought", rule="order.not_found")
    if status is OrderStatus.UNKNOWN:
        return _leave_it_all_to_a_person(hearing, code="order_unknown", rule="order.unknown")
    return None


def _of_the_lines(hearing: _Hearing) -> _Finding | None:
    """Judges every line; the finding when no line can be paid."""
    facts = hearing.facts
    known = [(line, judging.never_bought_or_gone(line)) for line in facts.lines]
    open_lines = [line for line, gone in known if gone is None]
    answers = _first_look(hearing, open_lines) if open_lines else {"eligibility": [], "window": []}
    rules = hearing.floors.rules_for(facts) if open_lines else ()
    if rules:
        hearing.trace["law"] = [rule.id for rule in rules]
    tables = iter(zip(answers["eligibility"], answers["window"], strict=True))
    for line, gone in known:
        hearing.judged.append(gone or _judged(hearing, line, next(tables), rules))
    hearing.laws += [line.law.id for line in hearing.judged if line.law_decided and line.law is not None]
    if any(line.answer is not Answer.REJECT for line in hearing.judged):
        return None
    if not hearing.judged:
        return _Finding(outcome=Outcome.REJECT, code="nothing_asked", rule="bought.nothing_asked")
    first = hearing.judged[0]
    return _Finding(outcome=Outcome.REJECT, code=first.code, rule=first.rule, params=first.params)


def _judged(
    hearing: _Hearing, line: LineFacts, tables: tuple[dict[str, Any], dict[str, Any]], rules: tuple[LawRule, ...]
) -> JudgedLine:
    eligibility, window = tables
    return judging.judge_line(facts=hearing.facts, line=line, eligibility=eligibility, window=window, rules=rules)


def _first_look(hearing: _Hearing, lines: list[LineFacts]) -> dict[str, Any]:
    shared = shared_context(hearing.facts)
    of_lines, of_case = hearing.policy.columns["first_look"]
    context = {
        "lines": line_contexts(lines, shared, columns=of_lines),
        "case": case_context(hearing.facts, shared, at_stake=lines, columns=of_case),
    }
    answers = hearing.ask("first_look", context)
    hearing.signals = tuple(
        Signal(code=fired["signal"], weight=fired["weight"], words=fired["words"]) for fired in answers["risk"]
    )
    return answers


def _of_the_case(hearing: _Hearing) -> _Finding:
    """What is still to be asked before the granted lines are paid, and the fees and delivery that go with them."""
    facts, granted = hearing.facts, hearing.granted
    at_stake = [line.line for line in hearing.judged if line.answer is not Answer.REJECT]
    shared = shared_context(facts)
    of_lines, of_case = hearing.policy.columns["second_look"]
    context = {
        "lines": line_contexts([line.line for line in granted], shared, columns=of_lines),
        "case": case_context(facts, shared, at_stake=at_stake, columns=of_case, risk_score=hearing.risk_score),
    }
    answers = hearing.ask("second_look", context)
    hearing.fees = answers["fees"]
    needs_goods = answers["thresholds"]["ask"] == "goods" and not has_nothing_to_return(facts, at_stake)
    _count_the_money(hearing, granted, goods_needed=needs_goods)
    return (
        _for_a_person(hearing, answers)
        or _for_evidence(hearing, answers)
        or _for_the_goods(hearing, answers, needs_goods=needs_goods)
        or _granted(hearing)
    )


def _count_the_money(hearing: _Hearing, granted: list[JudgedLine], *, goods_needed: bool) -> None:
    facts = hearing.facts
    shipping, tax, by_law = delivery_back(facts=facts, judged=hearing.judged, fees=hearing.fees)
    hearing.shipping = (shipping, tax)
    hearing.deductions, forbidding = fees_kept(
        facts=facts, granted=granted, fees=hearing.fees, goods_needed=goods_needed
    )
    hearing.laws += [*([by_law] if by_law else []), *forbidding]


def _for_a_person(hearing: _Hearing, answers: dict[str, Any]) -> _Finding | None:
    for line in hearing.judged:
        if line.answer is Answer.PERSON:
            return _Finding(outcome=Outcome.ASK_PERSON, code=line.code, rule=line.rule, params=line.params)
    thresholds, order = answers["thresholds"], hearing.facts.order
    if thresholds["ask"] == "person":
        code = thresholds["code"] or "needs_look"
        return _Finding(outcome=Outcome.ASK_PERSON, code=code, rule=thresholds["rule"])
    if hearing.facts.goods_state in _GOODS_ODD:
        rule = f"goods.{hearing.facts.goods_state.value}"
        return _Finding(outcome=Outcome.ASK_PERSON, code="goods_not_as_sent", rule=rule)
    if order.paid_minor is not None and _proposed(hearing) > order.paid_minor - order.refunded_minor:
        return _Finding(outcome=Outcome.ASK_PERSON, code="more_than_paid", rule="always.not_more_than_paid")
    return None


def _for_evidence(hearing: _Hearing, answers: dict[str, Any]) -> _Finding | None:
    facts, table, thresholds = hearing.facts, answers["evidence"], answers["thresholds"]
    photos, rule = table["photos"], table["rule"]
    if thresholds["ask"] == "evidence" and photos == 0:
        photos, rule = 1, thresholds["rule"]
    lacks_photos = facts.evidence.photo_count < photos
    lacks_text = table["needs_text"] and not facts.has_reason_text
    if not lacks_photos and not lacks_text:
        return None
    laws = [line.law for line in hearing.granted if line.law is not None and line.law.without_reason]
    if not is_fault(facts.reason) and len(laws) == len(hearing.granted):
        hearing.laws += [law.id for law in laws]
        return None
    asks = (*(table["kinds"] or ["item"] if lacks_photos else ()), *(("own_words",) if lacks_text else ()))
    code = "photos_needed" if lacks_photos else "own_words_needed"
    return _Finding(outcome=Outcome.ASK_EVIDENCE, code=code, rule=rule, params={"photos": str(photos)}, asks=asks)


def _for_the_goods(hearing: _Hearing, answers: dict[str, Any], *, needs_goods: bool) -> _Finding | None:
    if not needs_goods or hearing.facts.goods_state in _GOODS_SETTLED:
        return None
    thresholds = answers["thresholds"]
    code = thresholds["code"] or "goods_back"
    return _Finding(outcome=Outcome.ASK_GOODS, code=code, rule=thresholds["rule"], asks=("goods",))


def _granted(hearing: _Hearing) -> _Finding:
    granted = hearing.granted
    whole = len(granted) == len(hearing.judged) and not any(line.is_short for line in granted)
    leading = next((line for line in granted if line.law_decided), granted[0])
    return _Finding(
        outcome=Outcome.APPROVE if whole else Outcome.APPROVE_PARTLY,
        code=leading.code,
        rule=leading.rule,
        params=leading.params,
    )


def _leave_it_all_to_a_person(hearing: _Hearing, *, code: str, rule: str) -> _Finding:
    """Every line to a person; what is known to be never bought or already refunded stays refused."""
    is_known = hearing.facts.order.status is not OrderStatus.UNKNOWN
    hearing.judged = [
        (judging.never_bought_or_gone(line) if is_known else None)
        or JudgedLine(line=line, answer=Answer.PERSON, code=code, rule=rule)
        for line in hearing.facts.lines
    ]
    hearing.fees, hearing.deductions, hearing.shipping, hearing.laws = [], (), (0, 0), []
    return _Finding(outcome=Outcome.ASK_PERSON, code=code, rule=rule)


def _proposed(hearing: _Hearing) -> int:
    lines = sum(max(0, line.line.amount_minor) for line in hearing.judged if line.answer is not Answer.REJECT)
    return lines + sum(hearing.shipping) + sum(deduction.amount_minor for deduction in hearing.deductions)


def _written_down(hearing: _Hearing, finding: _Finding) -> Verdict:
    proposed = _proposed(hearing)
    granted_as = Outcome.APPROVE if finding.outcome in GRANTING else finding.outcome
    return Verdict(
        outcome=finding.outcome,
        currency=hearing.facts.currency,
        lines=tuple(line_verdict(line, granted_as=granted_as) for line in hearing.judged),
        shipping_minor=hearing.shipping[0],
        shipping_tax_minor=hearing.shipping[1],
        deductions=hearing.deductions,
        proposed_minor=proposed,
        total_minor=proposed if finding.outcome in GRANTING else 0,
        reason_code=finding.code,
        rule=finding.rule,
        words=Words(key=finding.code, params=tuple(sorted(finding.params.items()))),
        asks=finding.asks,
        floors=tuple(dict.fromkeys(hearing.laws)),
        signals=hearing.signals,
        risk_score=hearing.risk_score,
        trace=hearing.trace,
        policy_version=hearing.policy.version,
        policy_hash=hearing.policy.sha256,
        law_version=hearing.floors.version,
    )


def _without_clocks(trace: Any) -> Any:
    """The engine's trace without the microseconds it took, which differ each time."""
    if isinstance(trace, dict):
        return {key: _without_clocks(value) for key, value in trace.items() if key != "performance"}
    if isinstance(trace, list):
        return [_without_clocks(value) for value in trace]
    return trace
