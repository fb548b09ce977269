"""The counter of operations."""

from recoup.operations.actions.give_work_back import NotParked, give_work_back
from recoup.operations.actions.measure_queues import measure_queues
from recoup.operations.actions.note_sign import note_sign
from recoup.operations.actions.switch_rail import switch_rail
from recoup.operations.actions.verify_company import verify_company

__all__ = ["NotParked", "give_work_back", "measure_queues", "note_sign", "switch_rail", "verify_company"]
