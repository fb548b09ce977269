"""People and machines of one company, for questions to the authorizer."""

from uuid import UUID, uuid4

from recoup.access.principals import Kind, Principal
from recoup.access.resources import Account, ApiKey, Case, Company, Member, Order, Page, Payout, Platform, Webhook

OURS, THEIRS = uuid4(), uuid4()
OUR_CASE, OTHER_CASE = uuid4(), uuid4()
MEI, STRANGER = "mei.tan@example.sg", "kim.ong@example.sg"
ROLES = ("auditor", "booth", "support", "reviewer", "manager")


def staff(role, **changes):
    given = {
        "kind": Kind.PERSON,
        "id": uuid4(),
        "merchant_id": OURS,
        "role": role,
        "email": f"{role}@shop.example",
        "has_second_factor": True,
        "is_recent": True,
    }
    return Principal(**given | changes)


def operator(**changes):
    return staff("operator", **{"merchant_id": None} | changes)


def shopper(email=MEI, **changes):
    return staff("shopper", **{"merchant_id": None, "email": email, "has_second_factor": False} | changes)


def key(*scopes, **changes):
    return Principal(**{"kind": Kind.KEY, "id": uuid4(), "merchant_id": OURS, "scopes": frozenset(scopes)} | changes)


def client(*scopes):
    return key(*scopes, kind=Kind.CLIENT)


def guest(email=MEI, **changes):
    given = {"kind": Kind.GUEST, "id": uuid4(), "merchant_id": OURS, "role": "guest", "email": email}
    return Principal(**given | changes)


def anybody():
    return Principal(kind=Kind.ANONYMOUS, id=UUID(int=0), role="")


def thing(kind, *, company=OURS, email=MEI, case=OUR_CASE, person=None):
    """One thing of that kind of the schema."""
    return {
        "Company": lambda: Company(company),
        "Case": lambda: Case(company=company, case=case, email=email),
        "Order": lambda: Order(company=company, number="KT-1", email=email),
        "Payout": lambda: Payout(company=company, payout=uuid4(), case=case, email=email),
        "ApiKey": lambda: ApiKey(company=company, key=uuid4(), scopes=frozenset({"orders:read"})),
        "Webhook": lambda: Webhook(company=company, endpoint=uuid4()),
        "Member": lambda: Member(company=company, person=person or uuid4()),
        "Account": lambda: Account(person or uuid4()),
        "Platform": Platform,
        "Page": Page,
    }[kind]()
