"""The merchant's order system over HTTP, and what can be scripted to go wrong in it.

Merchant's side (header `X-Api-Key`): GET /orders/{number} (ETag, If-None-Match, ?if_updated_since=), GET /orders?email=
&updated_since=&cursor=&limit=, PUT /orders/{number}, POST /orders. Practice side: /_practice/shops, /_practice/orders,
/_practice/order-faults.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from recoup_sandbox.http_messages import DropConnection, Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.town.order_books import PAGE_DEFAULT, PAGE_MAX, Order, OrderBooks, OrderRefused, etag


@dataclass(slots=True, kw_only=True)
class OrderFault:
    """What happens to the next `times` questions (null: to all) that match."""

    shop: str | None = None
    number: str | None = None
    times: int | None = 1
    sleep_s: float = 0.0
    #: Answer this status, with an error body.
    status: int | None = None
    #: Answer 404 although the order is there: the merchant's own database is behind.
    is_unknown: bool = False
    #: Answer the oldest version of the order.
    is_stale: bool = False
    #: Hang up without an answer.
    drop: bool = False
    #: Answer 200 with something that is not JSON.
    garbage: bool = False
    id: int = 0
    used: int = 0


_NOTHING = OrderFault(times=None)


class OrderDesk:
    """Answers for every shop in town."""

    def __init__(self, books: OrderBooks) -> None:
        self._books = books
        self._faults: list[OrderFault] = []
        self._numbers = count(1)

    def register(self, routes: Routes) -> None:
        routes.add("GET", "/orders", self._for_shop(self._find))
        routes.add("GET", "/orders/{number}", self._for_shop(self._get))
        routes.add("PUT", "/orders/{number}", self._for_shop(self._put))
        routes.add("POST", "/orders", self._for_shop(self._post))
        for method, path, work in (
            ("GET", "/shops", self._shops),
            ("POST", "/shops", self._put_shop),
            ("POST", "/orders", self._seed),
            ("GET", "/order-faults", self._list_faults),
            ("POST", "/order-faults", self._add_fault),
            ("DELETE", "/order-faults", self._remove_faults),
        ):
            routes.add(method, f"/_practice{path}", _guarded(work))

    def load(self, file: Path) -> int:
        """Seed from a file `{"shops": [{"name", "api_key", "orders": [...]}]}`; what stands is left as it is."""
        return sum(self._load_shop(shop) for shop in orjson.loads(file.read_bytes())["shops"])

    # The merchant's side --------------------------------------------------------------------------------------------

    def _for_shop(
        self, work: Callable[[Request, str, OrderFault], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            shop = self._books.shop_with_key(request.headers.get("x-api-key", ""))
            if shop is None:
                return _problem(401, "missing or wrong X-Api-Key")
            fault = self._take_fault(shop, request.parts.get("number"))
            if fault.sleep_s:
                await asyncio.sleep(fault.sleep_s)
            if fault.drop:
                raise DropConnection
            if fault.status:
                return _problem(fault.status, "scripted")
            if fault.garbage:
                return Response(200, b"<html>Down for maintenance", content_type="text/html")
            try:
                return work(request, shop, fault)
            except OrderRefused as error:
                return _problem(422, str(error))

        return answer

    def _get(self, request: Request, shop: str, fault: OrderFault) -> Response:
        order = None if fault.is_unknown else self._books.get(shop, request.parts["number"], is_stale=fault.is_stale)
        if order is None:
            return _problem(404, f"no order {request.parts['number']}")
        tag = etag(order)
        headers = (("ETag", tag), ("X-Updated-At", order["updatedAt"]))
        since = request.query_values().get("if_updated_since")
        if tag in request.headers.get("if-none-match", "") or (since and order["updatedAt"] <= since):
            return Response(304, b"", headers=headers)
        return json_response({"order": order}, headers=headers)

    def _find(self, request: Request, shop: str, fault: OrderFault) -> Response:
        asked = request.query_values()
        limit = asked.get("limit", str(PAGE_DEFAULT))
        if not limit.isdigit() or not 1 <= int(limit) <= PAGE_MAX:
            return _problem(400, f"limit is 1 to {PAGE_MAX}")
        found: tuple[list[Order], str | None] = ([], None)
        if not fault.is_unknown:
            found = self._books.find(
                shop,
                email=asked.get("email"),
                updated_since=asked.get("updated_since"),
                cursor=asked.get("cursor"),
                limit=int(limit),
            )
        return json_response({"orders": found[0], "nextCursor": found[1]})

    def _put(self, request: Request, shop: str, fault: OrderFault) -> Response:
        order = {**request.json(), "orderNumber": request.parts["number"]}
        self._books.put(shop, [order])
        return json_response({"order": self._books.get(shop, request.parts["number"])})

    def _post(self, request: Request, shop: str, fault: OrderFault) -> Response:
        told = request.json()
        orders = told["orders"] if isinstance(told, dict) and "orders" in told else [told]
        return json_response({"written": self._books.put(shop, orders)}, status=201)

    # The practice side ----------------------------------------------------------------------------------------------

    async def _shops(self, request: Request) -> Any:
        return {"shops": [{**shop, "orders": self._books.count(shop["name"])} for shop in self._books.shops()]}

    async def _put_shop(self, request: Request) -> Any:
        told = request.json()
        self._books.put_shop(str(told.get("name", "")), str(told.get("api_key", "")))
        return {"shop": told["name"]}

    async def _seed(self, request: Request) -> Any:
        told = request.json()
        return {"written": sum(self._load_shop(shop) for shop in told.get("shops", []))}

    async def _list_faults(self, request: Request) -> Any:
        return {"faults": [asdict(fault) for fault in self._faults]}

    async def _add_fault(self, request: Request) -> Any:
        told = request.json()
        known = {one.name for one in fields(OrderFault)} - {"id", "used"}
        if set(told) - known:
            raise OrderRefused(f"an order fault has {', '.join(sorted(known))}")
        fault = OrderFault(**told)
        fault.id = next(self._numbers)
        self._faults.append(fault)
        return asdict(fault)

    async def _remove_faults(self, request: Request) -> Any:
        gone, self._faults = len(self._faults), []
        return {"removed": gone}

    def _load_shop(self, shop: dict[str, Any]) -> int:
        self._books.put_shop(shop["name"], shop["api_key"])
        fresh = [order for order in shop.get("orders", []) if not self._books.get(shop["name"], order["orderNumber"])]
        return self._books.put(shop["name"], fresh)

    def _take_fault(self, shop: str, number: str | None) -> OrderFault:
        for fault in self._faults:
            if fault.shop in (None, shop) and fault.number in (None, number):
                fault.used += 1
                if fault.times is not None and fault.used >= fault.times:
                    self._faults.remove(fault)
                return fault
        return _NOTHING


def _guarded(work: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        stranger = refuse_strangers(request)
        if stranger:
            return stranger
        try:
            return json_response(await work(request))
        except (OrderRefused, KeyError, TypeError) as error:
            return _problem(400, f"{type(error).__name__}: {error}")

    return answer


def _problem(status: int, message: str) -> Response:
    return json_response({"error": {"status": status, "message": message}}, status=status)
