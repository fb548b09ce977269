"""Recoup's API from Python: orders, refunds, keys, and the check of the webhooks that Recoup sends.

from recoup_client import Recoup

with Recoup(api_key="rk_...") as recoup:      # the practice installation at http://127.0.0.1:8000
    refund = recoup.refunds.create(order_number="MH-1005", reason="damaged", idempotency_key="return-481")
"""

from recoup_client.client import Recoup
from recoup_client.errors import (
    AccessDenied,
    BadSettings,
    Conflict,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    LiveCompany,
    NotAuthenticated,
    NotFound,
    NotUnderstood,
    Problem,
    RateLimited,
    RecoupError,
    Refused,
    ServerProblem,
    Unreachable,
)
from recoup_client.models import (
    Attempt,
    Company,
    Delivery,
    GuestToken,
    Happening,
    KeyMade,
    Order,
    OrderLine,
    OrderPayment,
    OrderResult,
    Payout,
    Refund,
    RefundInFull,
    RefundLine,
    WebhookEndpoint,
    WebhookEndpointMade,
    WebhookSecret,
)
from recoup_client.retrying import Retrying
from recoup_client.wanted import Grant, Item, Line, OrderTold, Payment
from recoup_client.webhooks import BadSignature, Webhook, WebhookVerifier

__version__ = "1.0.0"
__all__ = [
    "AccessDenied",
    "Attempt",
    "BadSettings",
    "BadSignature",
    "Company",
    "Conflict",
    "Delivery",
    "Grant",
    "GuestToken",
    "Happening",
    "IdempotencyKeyInUse",
    "IdempotencyKeyReused",
    "InvalidRequest",
    "Item",
    "KeyMade",
    "Line",
    "LiveCompany",
    "NotAuthenticated",
    "NotFound",
    "NotUnderstood",
    "Order",
    "OrderLine",
    "OrderPayment",
    "OrderResult",
    "OrderTold",
    "Payment",
    "Payout",
    "Problem",
    "RateLimited",
    "Recoup",
    "RecoupError",
    "Refund",
    "RefundInFull",
    "RefundLine",
    "Refused",
    "Retrying",
    "ServerProblem",
    "Unreachable",
    "Webhook",
    "WebhookEndpoint",
    "WebhookEndpointMade",
    "WebhookSecret",
    "WebhookVerifier",
]
