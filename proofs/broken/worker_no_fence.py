"""A worker that believes every answer, whoever brings it and whenever: it must take an old success for the truth."""

import dataclasses
import sys

from recoup.config.programs import worker
from recoup.payments import rulings
from recoup.payments.rulings import Heard, Held, Ruling

_rule = rulings.rule


def _rule_without_fence(held: Held, heard: Heard) -> Ruling:
    return _rule(held, dataclasses.replace(heard, fence=held.fence, epoch=held.epoch))


if __name__ == "__main__":
    rulings.rule = _rule_without_fence
    sys.exit(worker.main())
