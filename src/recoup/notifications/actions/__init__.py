"""The counter of notifications."""

from recoup.notifications.actions.note_deliveries import Delivery, note_deliveries
from recoup.notifications.actions.take_messages import TakenMessage, take_messages

__all__ = ["Delivery", "TakenMessage", "note_deliveries", "take_messages"]
