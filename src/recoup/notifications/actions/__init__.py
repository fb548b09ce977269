"""The counter of notifications."""

from recoup.notifications.actions.mail_code import mail_code
from recoup.notifications.actions.note_deliveries import Delivery, note_deliveries
from recoup.notifications.actions.note_texts import Texted, note_texts
from recoup.notifications.actions.take_messages import TakenMessage, take_messages
from recoup.notifications.actions.take_texts import TakenText, take_texts
from recoup.notifications.actions.write_text import write_text
from recoup.notifications.texts import Text

__all__ = [
    "Delivery",
    "TakenMessage",
    "TakenText",
    "Text",
    "Texted",
    "mail_code",
    "note_deliveries",
    "note_texts",
    "take_messages",
    "take_texts",
    "write_text",
]
