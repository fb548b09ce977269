"""Each policy matters: without it, some answer is another one. Out of the files, so a new policy is held to it too."""

from functools import cache

import pytest

from recoup.access import authorizer, policies, roles_table
from recoup.access.resources import Account, Circumstances, Member
from tests.access import askers
from tests.access.askers import OTHER_CASE, OURS, STRANGER, THEIRS, thing

SCHEMA = (policies.FOLDER / policies.SCHEMA).read_text(encoding="utf-8")
MARK = '@id("'


def one_by_one():
    """Policy -> the files without it."""
    texts = policies.texts()
    found = {}
    for file, text in texts.items():
        head, *parts = text.split(MARK)
        for number, part in enumerate(parts):
            rest = [other for at, other in enumerate(parts) if at != number]
            name = part.partition('"')[0]
            # A comment before the next policy stands at the end of this part; only the policy itself goes.
            lines = part.splitlines(keepends=True)
            end = max(at for at, line in enumerate(lines) if line.rstrip().endswith(";") and line[:2] != "//")
            tail = "".join(lines[end + 1 :])
            kept = head + "".join(MARK + other for other in rest[:number]) + tail
            found[name] = texts | {file: kept + "".join(MARK + other for other in rest[number:])}
    return found


WITHOUT = one_by_one()


@cache
def questions():
    """(who, action, thing, circumstances): roles x actions at best, and what the prohibitions are about."""
    asked = [
        (role.asker, row.action.name, thing_of(), None)
        for row in roles_table.rows()
        for role in roles_table.ROLES
        for thing_of in (roles_table._THINGS[kind] for kind in row.action.resources)
    ]
    asked = [(who, action, what, Circumstances()) for who, action, what, _ in asked]
    for scope in sorted(policies.scopes()):
        for action in policies.rules().actions.values():
            if action.scope == scope:
                asked.append((askers.key(scope), action.name, thing("Company"), Circumstances()))
    manager, case = askers.staff("manager"), thing("Case", email=STRANGER)
    token = askers.staff("manager", by_token=True, scopes=frozenset({"orders:read"}))
    asked += [
        (manager, "cases:read", thing("Case", company=THEIRS), Circumstances()),
        (askers.guest(), "cases:read", thing("Case", email=STRANGER), Circumstances()),
        (askers.guest(case_id=askers.OUR_CASE), "cases:read", thing("Case", case=OTHER_CASE), Circumstances()),
        (askers.shopper(email=""), "cases:read", thing("Case", email=""), Circumstances()),
        (askers.staff("manager", email=STRANGER), "cases:approve", case, Circumstances()),
        (manager, "cases:approve", case, Circumstances(amount_minor=2, limit_minor=1)),
        (askers.staff("manager", has_second_factor=False), "orders:read", thing("Company"), Circumstances()),
        (askers.staff("manager", is_recent=False), "keys:write", thing("Company"), Circumstances()),
        (token, "cases:read", case, Circumstances()),
        (askers.key("keys:write"), "keys:write", thing("Company"), Circumstances(given=frozenset({"orders:read"}))),
        (manager, "members:write", Member(company=OURS, person=manager.id), Circumstances()),
        (askers.shopper(), "account:own", Account(askers.shopper().id), Circumstances()),
    ]
    return asked


def answers(rules):
    with policies.trying(rules):
        return [
            authorizer.decide(principal=who, action=action, resource=what, circumstances=about).is_allowed
            for who, action, what, about in questions()
        ]


@cache
def usual():
    return answers(policies.rules())


def test_every_policy_of_the_files_is_tried():
    assert set(WITHOUT) == set(policies.rules().policies)
    assert len(WITHOUT) >= 30


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_without_it_some_answer_is_another_one(name):
    without = policies.read(WITHOUT[name], SCHEMA)
    assert set(policies.rules().policies) - set(without.policies) == {name}

    changed = [now for now, before in zip(answers(without), usual(), strict=True) if now != before]

    assert changed, f"nobody would notice if {name} were gone"
    # Without a permit somebody loses something; without a prohibition somebody gains it.
    is_forbid = policies.rules().policies[name].effect == "forbid"
    assert set(changed) == {is_forbid}


def test_the_best_case_of_the_page_is_what_it_says():
    """The page's cells are the authorizer's answers: this table is of the page, its roles of the policies."""
    cells = {(row.action.name, cell.role.code): cell for row in roles_table.rows() for cell in row.cells}

    assert len(cells) == len(policies.rules().actions) * len(roles_table.ROLES)
    assert cells["cases:approve", "reviewer"].policies == ("reviewer-decides",)
    assert not cells["cases:approve", "support"].is_allowed
    assert cells["cases:withdraw", "guest"].is_allowed
    assert not cells["cases:withdraw", "link"].is_allowed
    assert cells["platform:run", "operator"].is_allowed
    assert not any(cells["gateway:authorize", role.code].is_allowed for role in roles_table.ROLES)
