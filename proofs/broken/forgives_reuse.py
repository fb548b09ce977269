"""A web where a refresh token is good again and again."""

import importlib

from recoup.identity import grants
from recoup.identity.grants import Held


def break_it() -> None:
    """From now on nothing is spent, and what was spent is found as if it were not."""
    find = grants.find

    def forgiving(held: Held, hashed: str, **told: object) -> grants.Grant | None:
        found = find(held, hashed, **told)  # type: ignore[arg-type]
        if found is None and held is Held.REFRESH:
            return find(Held.SPENT, hashed, **told)  # type: ignore[arg-type]
        return found

    grants.find = forgiving  # type: ignore[assignment]
    issuing = importlib.import_module("recoup.identity.actions.issue_tokens")
    issuing._spend = lambda *_told, **_named: True  # noqa: SLF001 - broken on purpose
