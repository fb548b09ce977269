"""`/api/v1`: one assembly of the contexts' routers, with OpenAPI 3.1 at `/api/v1/openapi.json`."""

from __future__ import annotations

from ninja import NinjaAPI

from recoup.access.api import router as keys
from recoup.access.doors import ApiKeyAuth
from recoup.api import problems
from recoup.orders.api import router as orders
from recoup.refunds.api import router as refunds

api = NinjaAPI(
    title="Recoup",
    version="1",
    description="Orders in, refunds out. Amounts are integers in minor units; times are ISO 8601 with an offset. "
    "Errors are problem documents (RFC 9457) with a stable `code`.",
    auth=ApiKeyAuth(),
    docs_url=None,
    urls_namespace="api-v1",
)
problems.install(api)
api.add_router("/orders", orders)
api.add_router("/refunds", refunds)
api.add_router("/keys", keys)
