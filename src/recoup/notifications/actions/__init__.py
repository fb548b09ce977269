"""The counter of notifications."""

from recoup.notifications.actions.mail_code import mail_code
from recoup.notifications.actions.note_deliveries import Delivery, note_deliveries
from recoup.notifications.actions.take_messages import TakenMessage, take_messages

__all__ = ["Delivery", "TakenMessage", "mail_code", "note_deliveries", "take_messages"]
