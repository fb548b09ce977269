"""Where money goes and how fast that really is, as pages show it."""

from __future__ import annotations

from django.utils.translation import gettext

from recoup.kernel.money import spoken
from recoup.notifications.queries import arriving
from recoup.web.shopper.view_models import Route

_ICONS = {"card": "card", "wallet": "card", "paypal": "card", "gift_card": "gift", "store_credit": "gift"}


def icon_of(method: str) -> str:
    """The drawing for a means of payment."""
    return _ICONS.get(method, "sent")


def route(
    *, method: str, label: str, amount_minor: int, currency: str, standing: str = "", reference: str = ""
) -> Route:
    """One destination with its share."""
    return Route(
        name=label,
        speed=gettext("Arrives {speed} after it is sent").format(speed=arriving.speed(method)),
        amount=spoken(amount_minor, currency),
        icon=icon_of(method),
        standing=standing,
        reference=reference,
    )
