"""What others may do with messages inside their own transaction: put them in line, tell what became of a case."""

from __future__ import annotations

from recoup.notifications.queueing import NewMessage, queue, queue_code
from recoup.notifications.telling import tell_shoppers

__all__ = ["NewMessage", "queue", "queue_code", "tell_shoppers"]
