"""The counter of notifications."""

from recoup.notifications.actions.disown_change import Disowned, disown_change
from recoup.notifications.actions.invite_colleague import invite_colleague
from recoup.notifications.actions.mail_code import mail_code
from recoup.notifications.actions.note_deliveries import Delivery, note_deliveries
from recoup.notifications.actions.note_sealed import Tried, note_sealed
from recoup.notifications.actions.take_messages import TakenMessage, take_messages
from recoup.notifications.actions.take_sealed import Outbox, TakenSealed, take_sealed
from recoup.notifications.actions.tell_of_change import tell_of_change
from recoup.notifications.actions.write_letter import write_letter
from recoup.notifications.actions.write_text import write_text
from recoup.notifications.texts import Text

__all__ = [
    "Delivery",
    "Disowned",
    "Outbox",
    "TakenMessage",
    "TakenSealed",
    "Text",
    "Tried",
    "disown_change",
    "invite_colleague",
    "mail_code",
    "note_deliveries",
    "note_sealed",
    "take_messages",
    "take_sealed",
    "tell_of_change",
    "write_letter",
    "write_text",
]
