"""`/api/v1`: one assembly of the contexts' routers, with OpenAPI 3.1 at `/api/v1/openapi.json`."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import NinjaAPI

from recoup.access.api import router as keys
from recoup.access.doors import ApiKeyAuth
from recoup.api import problems, telling
from recoup.api.document import Document
from recoup.api.gateway import router as gateway
from recoup.api.guests import router as guest_tokens
from recoup.callbacks.api import router as webhook_endpoints
from recoup.kernel import clock
from recoup.merchants.api import router as company
from recoup.orders.api import router as orders
from recoup.refunds import api as refunds


class Api(NinjaAPI):
    """Tells about itself in full."""

    _made: tuple[date, Document] | None = None

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Document:
        """The document, made once a day: its examples are of the last days, so that they can be tried."""
        today = clock.now().date()
        if self._made is None or self._made[0] != today:
            self._made = (today, Document(self, "api/v1/", today=today))
        return self._made[1]


api = Api(
    title="Recoup",
    version="1",
    description=telling.DESCRIPTION,
    servers=[{"url": "/", "description": "This installation"}],
    openapi_extra={
        "info": {
            "summary": "Refunds for companies: decided by policy, paid exactly once",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"description": "The reference with examples to copy", "url": "/developers"},
    },
    auth=ApiKeyAuth(),
    docs_url=None,
    urls_namespace="api-v1",
)
problems.install(api)
api.add_router("/company", company)
api.add_router("/orders", orders)
api.add_router("/refunds", refunds.cases)
api.add_router("/refunds", refunds.evidence)
api.add_router("/refunds", guest_tokens)
api.add_router("/keys", keys)
api.add_router("/authorizer", gateway)
api.add_router("/webhook-endpoints", webhook_endpoints)
