"""Managers work on one draft of their policy; what has decided is never changed."""

import pytest

from recoup.kernel.errors import Invalid


@pytest.fixture
def company(shop):
    """The counter of merchants, for this shop at its noon."""
    from recoup.merchants import actions, queries

    class Company:
        by = "person:ravi"

        def draft(self, title, *, revision=0):
            return actions.draft_policy(
                merchant_id=shop.id, document={"title": title}, revision=revision, by=self.by, at=shop.now
            )

        def decide(self, title, *, note="Because", revision=None):
            return actions.decide_by_policy(
                merchant_id=shop.id,
                document={"title": title},
                content_hash=title,
                note=note,
                by=self.by,
                at=shop.now,
                draft_revision=revision,
            )

        def run(self, *, revision, **told):
            actions.note_past_run(merchant_id=shop.id, revision=revision, past_run=told)

        def drop(self, *, revision):
            actions.drop_policy_draft(merchant_id=shop.id, revision=revision)

        @property
        def now(self):
            return queries.policy_draft(merchant_id=shop.id)

        @property
        def decides(self):
            return queries.policy_now(merchant_id=shop.id)

        @property
        def versions(self):
            return [
                (one.number, one.title, one.note, one.created_by) for one in queries.past_policies(merchant_id=shop.id)
            ]

    return Company()


def test_of_two_managers_who_change_the_same_draft_the_second_is_told(company):
    from recoup.merchants.actions import DraftMoved

    first = company.draft("Begun")
    second = company.draft("Changed", revision=first)

    for attempt in (lambda: company.draft("Too late", revision=first), lambda: company.draft("Begun again")):
        with pytest.raises(DraftMoved):
            attempt()
    with pytest.raises(DraftMoved):
        company.drop(revision=first)
    assert (company.now.document, company.now.revision) == ({"title": "Changed"}, second)
    company.drop(revision=second)
    assert company.now is None


def test_what_past_cases_would_have_been_told_is_forgotten_when_the_draft_changes(company):
    from recoup.merchants.actions import DraftMoved

    first = company.draft("Begun")
    company.run(revision=first, done=3)
    assert company.now.past_run == {"done": 3}

    company.draft("Changed", revision=first)

    assert company.now.past_run == {}
    with pytest.raises(DraftMoved):
        company.run(revision=first, done=4)


def test_the_draft_becomes_the_version_that_decides_and_going_back_is_a_new_one(company):
    assert company.decides.number == 0
    revision = company.draft("Generous")

    assert company.decide("Generous", note=" For the holidays ", revision=revision) == 1
    assert company.now is None
    assert company.decide("Careful") == 2
    assert company.decide("Generous", note="Too careful") == 3

    assert company.decides.document == {"title": "Generous"}
    assert company.versions == [
        (3, "Generous", "Too careful", "person:ravi"),
        (2, "Careful", "Because", "person:ravi"),
        (1, "Generous", "For the holidays", "person:ravi"),
    ]


def test_a_draft_that_moved_decides_nothing_and_a_reason_is_needed(company):
    from recoup.merchants.actions import DraftMoved

    revision = company.draft("Begun")
    company.draft("Changed", revision=revision)

    with pytest.raises(DraftMoved):
        company.decide("Begun", revision=revision)
    for nothing in ("", "  ", "x" * 501):
        with pytest.raises(Invalid):
            company.decide("Changed", note=nothing, revision=revision + 1)
    assert company.decides.number == 0
    assert company.now.document == {"title": "Changed"}
