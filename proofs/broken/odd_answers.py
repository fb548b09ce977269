"""A web that asks nobody who they are, where one handler breaks, and where another tells what nobody documented."""

from typing import Any
from uuid import UUID, uuid4


def break_it(company: str) -> None:
    """The list of orders is our mistake, a refund has a member too many, and everybody is that company's server."""
    from recoup.access import keys
    from recoup.access.doors import ApiKeyAuth
    from recoup.access.principals import Kind, Principal
    from recoup.orders import queries as orders
    from recoup.refunds import queries as refunds

    def page_of_orders(**_asked: object) -> list[Any]:
        raise ZeroDivisionError

    plain = refunds.plain
    whose = Principal(kind=Kind.KEY, id=uuid4(), merchant_id=UUID(company), scopes=frozenset(keys.SCOPES))
    orders.page_of_orders = page_of_orders
    refunds.plain = lambda case: {**plain(case), "internal_note": "nobody documented me"}
    ApiKeyAuth.__call__ = lambda _self, _request: whose  # type: ignore[method-assign]
