"""Taking back what an app was allowed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Token

from recoup.access import tenancy
from recoup.events import transactional as events


@tenancy.action
def end_grant(
    *, merchant_id: UUID, app_id: UUID, person_id: UUID | None, family: str, reason: str, by: str, at: datetime
) -> bool:
    """No token that came of it opens anything any more. False when there was none left.

    `reason`: `reused` (somebody else has a token of it), `revoked` by the app, `disconnected` by the person.
    """
    ended, _ = Token.objects.filter(client_id=str(app_id), user_id=person_id, data__family=family).delete()
    if ended:
        events.record(
            [
                events.Happening(
                    merchant_id=merchant_id, at=at, kind="app.grant_ended", subject_id=app_id, actor=by,
                    data={"reason": reason, **({"person_id": str(person_id)} if person_id else {})},
                )
            ]
        )  # fmt: skip
    return bool(ended)
