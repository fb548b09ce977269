"""What a new policy would have changed, before it is enabled."""

from recoup.refunds.policy import Outcome, compare, current_floors, default_policy, read_policy
from tests.policy.builders import a_document, a_line, a_request, an_order, days_ago, table_of


def longer_window():
    document = a_document(version="mine-2", title="60 days for everything")
    table_of(document, "window")["rules"] = [{"_id": "usual", "a-days": "60"}]
    return read_policy(document)


def test_a_longer_window_turns_a_rejection_into_an_approval():
    late = a_request(order=an_order(delivered_at=days_ago(40)))
    cases = [("on-time", a_request()), ("late", late), ("yen", a_request(a_line(goods_minor=900), currency="JPY"))]

    comparison = compare(old=default_policy(), new=longer_window(), cases=cases, floors=current_floors())

    assert (comparison.cases, comparison.unchanged) == (3, 2)
    change = comparison.changes[0]
    assert (change.case, change.old.outcome, change.new.outcome) == ("late", Outcome.REJECT, Outcome.APPROVE)
    assert (change.difference_minor, change.currency) == (2_500, "SGD")
    assert comparison.moves == {
        (Outcome.APPROVE, Outcome.APPROVE): 2,
        (Outcome.REJECT, Outcome.APPROVE): 1,
    }
    assert comparison.old_total_minor == {"SGD": 2_500, "JPY": 900}
    assert comparison.new_total_minor == {"SGD": 5_000, "JPY": 900}
