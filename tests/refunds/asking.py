"""What shoppers and reviewers do in the tests of refunds, and what is true afterwards."""

import io

from django.db import connection


def ask(shop, number, **changes):
    """A shopper's request through the API, with the goods already back unless the test says otherwise."""
    from recoup.refunds import actions
    from recoup.refunds.requests import RefundRequest

    at = changes.pop("at", shop.now)
    values = {"order_number": number, "reason": "changed_mind", "channel": "api", "goods_received": True} | changes
    return actions.submit(request=RefundRequest(**values), merchant_id=shop.id, by="shopper", at=at)


def ask_in_review(shop, *, price=90_000, quantity=1, **order):
    """A request that is too large for the policy to decide alone: a person looks at it."""
    case = ask(shop, shop.order(("sofa", quantity, price), **order))
    assert case.state == "in_review", (case.state, case.reason_code)
    return case


#: (shop's id, name) -> who was hired under that name.
_HIRED = {}


def hire(shop, name, *, role="reviewer", limit_minor=None, email=None):
    """Somebody works for the shop in that role; asked again, the same person. Gives how events name them."""
    from recoup.access import tenancy
    from recoup.identity import actions
    from recoup.identity.models import Membership, Person

    email = (email or f"{name}@staff.{shop.slug}.example").lower()
    # They never sign in: what costs a second for each person is making their password hard to guess.
    Person.objects.bulk_create([Person(email=email, name=name.title())], ignore_conflicts=True)
    person_id = actions.add_member(merchant_id=shop.id, email=email, name=name.title(), password="", role=role)

    @tenancy.action
    def limit(*, merchant_id):
        Membership.objects.filter(person_id=person_id).update(approve_limit_minor=limit_minor)

    if limit_minor is not None:
        limit(merchant_id=shop.id)
    return _HIRED.setdefault((shop.id, name), f"person:{person_id}")


def do(shop, verb, case, **values):
    """A person's deed on a case. `by="person:jonas"` is a reviewer of that name, who is hired when they are new."""
    from recoup.refunds import actions

    told = {"by": "person:ines", "at": shop.now} | values
    kind, _, name = told["by"].partition(":")
    if kind == "person" and name.isidentifier():
        told["by"] = _HIRED.get((shop.id, name)) or hire(shop, name)
    return getattr(actions, verb)(merchant_id=shop.id, case_id=case.id, **told)


def grants(*lines):
    """What a reviewer pays: (line id, quantity) or (line id, quantity, minor units), in all."""
    from recoup.refunds.requests import LineGrant

    names = ("line_id", "quantity", "amount_minor")
    return [LineGrant(**dict(zip(names, line, strict=False))) for line in lines]


def line_ids(shop, number):
    """Sku -> the id of its line."""
    query = "SELECT l.sku, l.id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE o.number = %s"
    return dict(rows(shop, query, number))


def again(shop, case):
    """The case as it stands now."""
    from recoup.refunds import queries

    return queries.case_by_id(merchant_id=shop.id, case_id=case.id)


def rows(shop, query, *values):
    """What the database says to the shop itself."""
    from recoup.access import tenancy

    @tenancy.query
    def read(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    return read(merchant_id=shop.id)


def balances(shop):
    """Account -> balance, without the empty ones."""
    found = rows(shop, "SELECT account, sum(amount_minor)::bigint FROM ledger_posting GROUP BY account")
    return {account: amount for account, amount in found if amount}


def events_of(shop, subject_id):
    """The kinds of a subject's events, oldest first."""
    return [row[0] for row in rows(shop, "SELECT kind FROM events_event WHERE subject_id = %s ORDER BY id", subject_id)]


def payouts_of(shop, case):
    """The legs of a case, oldest first."""
    from recoup.payments import queries

    return queries.payouts_of_case(merchant_id=shop.id, case_id=case.id)


def claimed_units(shop, number):
    """Sku -> the text of its claimed units."""
    query = (
        "SELECT l.sku, l.claimed_units::text FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
        " WHERE o.number = %s"
    )
    return dict(rows(shop, query, number))


def picture(seed=1, *, size=(320, 240), mirrored=False, exif=None, form="JPEG"):
    """A photo's bytes: noise of its own for each seed, so that no two look alike."""
    import random

    from PIL import Image, ImageOps

    chance = random.Random(seed)
    image = Image.new("RGB", (8, 6))
    image.putdata([(chance.randrange(256), chance.randrange(256), chance.randrange(256)) for _ in range(48)])
    image = image.resize(size, Image.Resampling.BICUBIC)
    if mirrored:
        image = ImageOps.mirror(image)
    buffer = io.BytesIO()
    image.save(buffer, form, quality=90, **({"exif": exif} if exif else {}))
    return buffer.getvalue()
