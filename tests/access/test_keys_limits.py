"""How much a company's keys may approve: a limit of their own, which is never widened by making another key."""

from datetime import timedelta
from uuid import UUID

import pytest

from recoup.kernel.errors import Invalid, Refusal


@pytest.fixture
def make(shop):
    """Makes a key that asks for another one, and says what a key may."""
    from recoup.access import actions, queries

    def key(limit, *, by="test", **more):
        key_id, _ = actions.create_key(
            merchant_id=shop.id,
            label="till",
            scopes=["refunds:review"],
            by=by,
            at=shop.now,
            approve_limit_minor=limit,
            **more,
        )
        return key_id

    key.at_work = lambda key_id, at=shop.now: queries.key_at_work(merchant_id=shop.id, key_id=key_id, at=at)
    return key


def test_a_key_has_the_limit_it_was_given(make):
    assert make.at_work(make(5_000)).approve_limit_minor == 5_000
    assert make.at_work(make(None)).approve_limit_minor is None


def test_a_key_that_has_ended_or_is_taken_away_is_not_at_work(shop, make):
    from recoup.access import actions

    ended, revoked = make(1, expires_at=shop.now + timedelta(hours=1)), make(1)
    actions.revoke_key(merchant_id=shop.id, key_id=revoked, by="test", at=shop.now)

    assert make.at_work(ended) is not None
    assert make.at_work(ended, shop.now + timedelta(hours=1)) is None
    assert make.at_work(revoked) is None
    assert make.at_work(UUID(int=7)) is None


def test_a_limit_of_a_key_is_an_amount(make):
    for wrong in (-1, 10**16):
        with pytest.raises(Invalid):
            make(wrong)


def test_a_key_makes_none_that_may_approve_more_than_itself(make):
    asker = f"key:{make(5_000)}"

    assert make.at_work(make(5_000, by=asker)).approve_limit_minor == 5_000
    for more in (5_001, None):
        with pytest.raises(Refusal) as refused:
            make(more, by=asker)
        assert (refused.value.status, refused.value.code) == (403, "ACCESS_DENIED")


def test_a_key_does_not_get_a_higher_limit_by_replacing_another(shop, make):
    from recoup.access import actions

    asker, strong, same = make(5_000), make(None), make(5_000)
    about = {"merchant_id": shop.id, "by": f"key:{asker}", "at": shop.now}

    new_id, _ = actions.rotate_key(key_id=same, **about)

    assert make.at_work(new_id).approve_limit_minor == 5_000
    with pytest.raises(Refusal) as refused:
        actions.rotate_key(key_id=strong, **about)
    assert refused.value.code == "ACCESS_DENIED"
