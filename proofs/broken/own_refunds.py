"""A web that does not ask whose refund it is."""

from recoup.refunds import saying_yes


def break_it() -> None:
    """From now on everybody may approve everything, also what comes back to themselves."""
    saying_yes.approvers.must_not_be_own = lambda *_told, **_named: None
