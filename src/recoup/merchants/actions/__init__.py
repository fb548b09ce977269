"""The counter of merchants."""

from recoup.merchants.actions.add_policy import add_policy
from recoup.merchants.actions.connect_orders import connect_orders
from recoup.merchants.actions.enable_policy import enable_policy
from recoup.merchants.actions.register import SlugTaken, register
from recoup.merchants.actions.set_approval_limits import set_approval_limits

__all__ = ["SlugTaken", "add_policy", "connect_orders", "enable_policy", "register", "set_approval_limits"]
