"""The invariants I1 to I7, I9 and I10 (what may never happen), asked of the running system: which rows break them.

Each page of this package asks some of them, set-based, in one read-only look over every merchant. Work that is
under way may look broken for a moment; `check.settled` asks again before anything is named.
"""
