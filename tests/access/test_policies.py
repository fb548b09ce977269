"""The files under policies/ say who may do what; here is what they are held to."""

import json

import cedarpy
import pytest

from recoup.access import authorizer, policies
from recoup.access.resources import Account, Circumstances, Member
from tests.access import askers
from tests.access.askers import MEI, OTHER_CASE, OUR_CASE, OURS, ROLES, STRANGER, THEIRS, thing

SCHEMA = (policies.FOLDER / policies.SCHEMA).read_text(encoding="utf-8")


def may(who, action, what="Company", circumstances=None, **about):
    asked = thing(what, **about) if isinstance(what, str) else what
    return authorizer.decide(
        principal=who, action=action, resource=asked, circumstances=circumstances or Circumstances()
    )


def test_the_policies_fit_their_schema():
    checked = cedarpy.validate_policies("\n".join(policies.texts().values()), SCHEMA)

    assert checked.validation_passed, [str(error) for error in checked.errors]


def test_a_policy_that_misspells_something_would_not_pass():
    wrong = 'permit (principal in Role::"manager", action == Action::"cases:aprove", resource);'

    assert not cedarpy.validate_policies(wrong, SCHEMA).validation_passed


def test_every_policy_says_why_and_every_prohibition_what_would_help():
    for policy in policies.rules().policies.values():
        assert policy.because, policy.id
        assert policy.effect == "permit" or policy.instead, policy.id


def test_two_policies_of_one_name_are_refused():
    one = '@id("a") permit (principal, action == Action::"pages:open", resource);'

    with pytest.raises(ValueError, match="@id of its own"):
        policies.read({"a.cedar": one, "b.cedar": one}, SCHEMA)
    with pytest.raises(ValueError, match="@id of its own"):
        policies.read({"a.cedar": "permit (principal, action, resource);"}, SCHEMA)


def test_every_question_that_can_be_asked_fits_the_schema():
    everybody = [askers.key("orders:read"), askers.client(), askers.staff("manager"), askers.guest(), askers.anybody()]
    everybody += [askers.operator(), askers.guest(case_id=OUR_CASE), askers.shopper()]
    for who in everybody:
        told = [
            {
                "uid": {"type": authorizer._TYPES[who.kind], "id": str(who.id)},
                "attrs": authorizer._attributes(who),
                "parents": authorizer._parents(who),
            }
        ]
        cedarpy.Entities.from_json_str(json.dumps(told), SCHEMA)
    for kind in {kind for action in policies.rules().actions.values() for kind in action.resources}:
        one = thing(kind)
        told = [{"uid": {"type": kind, "id": one.id}, "attrs": one.attributes(), "parents": []}]
        cedarpy.Entities.from_json_str(json.dumps(told), SCHEMA)


# ── Roles ────────────────────────────────────────────────────────────────────────────────────────────────────────────

DECIDE = {"cases:approve", "cases:reject", "cases:ask-goods", "payouts:release", "payouts:retry", "payouts:call-off"}
DECIDE |= {"payouts:look-up", "cases:ask-evidence", "cases:grade-goods"}
LOOK = {"orders:read", "cases:read", "cases:photos"}
HOUSE_LOOK = {"keys:read", "webhooks:read", "members:read", "settings:read", "access:read", "reports:read"}
HOUSE_LOOK |= {"policy:read"}
HOUSE = {"keys:write", "webhooks:write", "members:write", "settings:write", "exports:make", "orders:write"}
HOUSE |= {"policy:draft", "policy:enable"}
MAY = {
    "auditor": LOOK | HOUSE_LOOK,
    "booth": {"cases:read", "cases:grade-goods"},
    "support": LOOK | {"cases:file", "cases:ask-evidence", "webhooks:read", "policy:read"},
    "reviewer": LOOK | DECIDE | {"cases:file", "reports:read", "policy:read"},
    "manager": LOOK | DECIDE | HOUSE_LOOK | HOUSE | {"cases:file"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_exactly_what_is_written_here(role):
    actions = [action for action in policies.rules().actions.values() if "Company" in action.resources]

    allowed = {action.name for action in actions if may(askers.staff(role), action.name).is_allowed}

    assert allowed == MAY[role]


def test_what_nobody_wrote_down_is_denied():
    decision = may(askers.staff("reviewer"), "keys:write")

    assert not decision.is_allowed
    assert decision.policies == ()
    assert decision.reason.startswith("no policy lets a reviewer do this")
    assert may(askers.staff("janitor"), "cases:read").policies == ()


def test_an_action_that_nobody_knows_is_a_mistake_and_no_decision():
    with pytest.raises(policies.UnknownAction, match="cases:steal"):
        may(askers.staff("manager"), "cases:steal")


@pytest.mark.parametrize("scope", sorted(policies.scopes()))
def test_a_key_does_what_its_scope_says_and_no_more(scope):
    actions = [a for a in policies.rules().actions.values() if a.scope and "Company" in a.resources]

    for asker in (askers.key(scope), askers.client(scope)):
        allowed = {action.name for action in actions if may(asker, action.name).is_allowed}
        assert allowed == {action.name for action in actions if action.scope == scope}


def test_a_key_without_scopes_may_nothing_but_look_at_what_is_for_all():
    for action in policies.rules().actions.values():
        for kind in action.resources:
            assert may(askers.key(), action.name, kind).is_allowed == (action.name == "pages:open")


def test_somebody_who_is_not_signed_in_opens_public_pages_only():
    for action in policies.rules().actions.values():
        for kind in action.resources:
            assert may(askers.anybody(), action.name, kind).is_allowed == (action.name == "pages:open")


# ── Never ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TENANTS = ("Company", "Case", "Order", "Payout", "ApiKey", "Webhook", "Member")


def test_nobody_gets_at_another_company():
    machines = [askers.key(*policies.scopes()), askers.client(*policies.scopes())]
    for who in [*map(askers.staff, ROLES), *machines, askers.guest(), askers.operator()]:
        for action in policies.rules().actions.values():
            for kind in set(action.resources) & set(TENANTS):
                decision = may(who, action.name, kind, company=THEIRS)
                assert not decision.is_allowed, (who.role, action.name, kind)
                assert "never-another-company" in decision.policies


def test_a_reviewer_never_decides_about_their_own_refund():
    own = askers.staff("reviewer", email="Mei.Tan@example.sg")

    for action in ("cases:approve", "cases:reject"):
        assert may(own, action, "Case").policies == ("never-ones-own-refund",)
        assert may(own, action, "Case", email=STRANGER).is_allowed
    assert not may(own, "payouts:retry", "Payout").is_allowed
    assert may(own, "cases:read", "Case").is_allowed


@pytest.mark.parametrize(("amount", "is_allowed"), [(9_999, True), (10_000, True), (10_001, False)])
def test_above_their_limit_nobody_approves(amount, is_allowed):
    asked = Circumstances(amount_minor=amount, limit_minor=10_000)

    assert may(askers.staff("manager"), "cases:approve", "Case", asked).is_allowed is is_allowed
    assert may(askers.key("refunds:review"), "cases:approve", "Case", asked).is_allowed is is_allowed


def test_without_a_second_factor_staff_can_only_set_one_up():
    for who in [*(askers.staff(role, has_second_factor=False) for role in ROLES)]:
        for action in policies.rules().actions.values():
            for kind in action.resources:
                decision = may(who, action.name, kind, person=who.id)
                enrols = action.name in ("account:own", "pages:open")
                assert decision.is_allowed == enrols, (who.role, action.name)
    assert not may(askers.operator(has_second_factor=False), "access:read", "Platform").is_allowed


def test_money_and_rights_ask_for_a_fresh_proof():
    stale = askers.staff("manager", is_recent=False)

    for action in policies.rules().actions.values():
        if "Company" in action.resources and action.name in MAY["manager"]:
            assert may(stale, action.name).is_allowed is not action.needs_recent_proof, action.name
    named = {action.name for action in policies.rules().actions.values() if action.needs_recent_proof}
    assert named >= {"cases:approve", "payouts:release", "keys:write", "members:write", "exports:make"}


def test_a_guest_with_the_link_to_a_case_reads_uploads_and_answers_it_and_nothing_else():
    linked = askers.guest(case_id=OUR_CASE)
    allowed = {
        (action.name, kind)
        for action in policies.rules().actions.values()
        for kind in action.resources
        if may(linked, action.name, kind).is_allowed
    }

    assert allowed == {
        ("cases:read", "Case"),
        ("cases:photos", "Case"),
        ("cases:answer", "Case"),
        ("pages:open", "Page"),
    }
    assert not may(linked, "cases:read", "Case", case=OTHER_CASE).is_allowed
    assert not may(linked, "cases:read", "Case", email=STRANGER).is_allowed


def test_a_guest_who_proved_an_address_also_asks_withdraws_and_disagrees():
    proved = askers.guest()

    for action, kind in (("cases:file", "Order"), ("cases:withdraw", "Case"), ("cases:appeal", "Case")):
        assert may(proved, action, kind).is_allowed
        assert not may(proved, action, kind, email=STRANGER).is_allowed
        assert not may(proved, action, kind, email="").is_allowed
    assert not may(proved, "cases:read").is_allowed


def test_a_shopper_with_an_account_sees_their_cases_everywhere_and_nobody_elses():
    mei = askers.shopper()

    for company in (OURS, THEIRS):
        assert may(mei, "cases:read", "Case", company=company).is_allowed
        assert not may(mei, "cases:read", "Case", company=company, email=STRANGER).is_allowed
    assert not may(mei, "cases:read").is_allowed
    assert not may(mei, "cases:approve", "Case").is_allowed


def test_an_app_that_acts_for_a_manager_stays_within_its_token():
    by_app = askers.staff("manager", by_token=True, scopes=frozenset({"refunds:read"}))

    assert may(by_app, "cases:read").is_allowed
    for action in ("orders:read", "cases:approve", "keys:read", "settings:write"):
        assert may(by_app, action).policies == ("never-beyond-a-tokens-scopes",)
    weak = askers.staff("booth", by_token=True, scopes=policies.scopes())
    assert not may(weak, "cases:approve").is_allowed


def test_a_key_never_makes_a_stronger_one():
    weak = askers.key("keys:write", "orders:read")

    assert may(weak, "keys:write", "Company", Circumstances(given=frozenset({"orders:read"}))).is_allowed
    stronger = may(weak, "keys:write", "Company", Circumstances(given=frozenset({"orders:read", "orders:write"})))
    assert stronger.policies == ("never-give-what-one-lacks",)
    assert may(askers.staff("manager"), "keys:write", "Company", Circumstances(given=policies.scopes())).is_allowed


def test_nobody_changes_their_own_role():
    manager = askers.staff("manager")

    assert not may(manager, "members:write", Member(company=OURS, person=manager.id)).is_allowed
    assert may(manager, "members:write", "Member").is_allowed


def test_an_account_is_its_owners():
    mei = askers.shopper()

    assert may(mei, "account:own", Account(mei.id)).is_allowed
    assert not may(mei, "account:own", "Account").is_allowed


def test_capitals_in_an_address_change_nothing():
    assert may(askers.guest(email="MEI.TAN@EXAMPLE.SG"), "cases:read", "Case").is_allowed
    assert may(askers.guest(email=MEI), "cases:read", "Case", email="Mei.Tan@Example.sg").is_allowed


# ── Memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_payouts_roles_and_keys_are_decided_anew_each_time():
    fresh = {action.name for action in policies.rules().actions.values() if action.is_fresh}
    assert fresh >= {"cases:approve", "payouts:release", "payouts:retry", "payouts:call-off", "keys:write"}
    assert fresh >= {"members:write", "members:read"}
    authorizer._remembered.cache_clear()

    for action in sorted(fresh & MAY["manager"]):
        may(askers.staff("manager"), action)
    assert authorizer._remembered.cache_info().currsize == 0

    may(askers.staff("manager"), "orders:read")
    assert authorizer._remembered.cache_info().currsize == 1


def test_what_is_remembered_has_an_end():
    for _ in range(authorizer.REMEMBERED_MAX // 64):
        may(askers.key("orders:read"), "orders:read")

    assert authorizer._remembered.cache_info().maxsize == authorizer.REMEMBERED_MAX
