"""Where money goes and how fast that really is, as pages show it."""

from __future__ import annotations

from recoup.kernel import arrival
from recoup.kernel.money import spoken
from recoup.web.shopper.view_models import Route

_ICONS = {"card": "card", "wallet": "card", "paypal": "card", "gift_card": "gift", "store_credit": "gift"}


def icon_of(method: str) -> str:
    """The drawing for a means of payment."""
    return _ICONS.get(method, "sent")


def route(
    *, method: str, label: str, amount_minor: int, currency: str, standing: str = "", reference: str = ""
) -> Route:
    """One destination with its share."""
    first, last = arrival.days_of(method)
    speed = (
        f"Arrives {first} to {last} business days after it is sent"
        if last
        else "Arrives within minutes after it is sent"
    )
    return Route(
        name=label,
        speed=speed,
        amount=spoken(amount_minor, currency),
        icon=icon_of(method),
        standing=standing,
        reference=reference,
    )
