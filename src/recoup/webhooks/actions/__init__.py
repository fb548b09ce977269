"""What is done with what others tell us: kept at the door, acted upon by the worker."""

from recoup.webhooks.actions.act_on_receipts import act_on_receipts
from recoup.webhooks.actions.keep_receipt import keep_receipt

__all__ = ["act_on_receipts", "keep_receipt"]
