"""The counter of notifications."""

from recoup.notifications.actions.disown_change import Disowned, disown_change
from recoup.notifications.actions.mail_code import mail_code
from recoup.notifications.actions.note_deliveries import Delivery, note_deliveries
from recoup.notifications.actions.note_letters import Posted, note_letters
from recoup.notifications.actions.note_texts import Texted, note_texts
from recoup.notifications.actions.take_letters import TakenLetter, take_letters
from recoup.notifications.actions.take_messages import TakenMessage, take_messages
from recoup.notifications.actions.take_texts import TakenText, take_texts
from recoup.notifications.actions.tell_of_change import tell_of_change
from recoup.notifications.actions.write_letter import write_letter
from recoup.notifications.actions.write_text import write_text
from recoup.notifications.texts import Text

__all__ = [
    "Delivery",
    "Disowned",
    "Posted",
    "TakenLetter",
    "TakenMessage",
    "TakenText",
    "Text",
    "Texted",
    "disown_change",
    "mail_code",
    "note_deliveries",
    "note_letters",
    "note_texts",
    "take_letters",
    "take_messages",
    "take_texts",
    "tell_of_change",
    "write_letter",
    "write_text",
]
