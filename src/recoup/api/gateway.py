"""For companies whose AWS API Gateway stands in front of Recoup: its authorizer asks here and gets AWS's own answer."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router

from recoup.access import authorizer, documented, doors
from recoup.access.authorizer import Decision
from recoup.access.principals import Principal, of_bearer
from recoup.access.resources import PAGE, Company
from recoup.api import gateway_events as aws
from recoup.api import routes
from recoup.kernel import clock
from recoup.kernel.errors import Invalid, NotFound, Refusal

router = Router(tags=["authorizer"])


class Unauthorized(Refusal):
    """The caller's token is missing, unknown, ended, or of another company: nobody is told which."""

    code = "unauthorized"
    status = 401
    title = "Unauthorized"


_NO_SUCH_ADDRESS = Decision(
    is_allowed=False, policies=(), reason="there is no such address in Recoup's API", instead="Check method and path."
)


@router.post(
    "",
    auth=doors.asks("gateway:authorize"),
    response={200: aws.GatewayAnswer},
    exclude_none=True,
    summary="Answer as the Lambda authorizer of an API Gateway",
    operation_id="authorize",
    openapi_extra=documented.tells(Unauthorized),
)
def authorize(
    request: HttpRequest,
    body: aws.GatewayEventIn,
    response: Annotated[
        Literal["iam", "simple"] | None,
        Query(description="For payload format 2.0: `simple` (as without it) or `iam`. Other events get `iam`."),
    ] = None,
    usage_key: Annotated[
        bool, Query(description="Add `usageIdentifierKey`, the id of the caller's key, for a usage plan.")
    ] = False,
) -> aws.GatewayAnswer:
    """Send on the event that API Gateway gave your function, and return the answer as it is.

    Whoever is known and may not gets a policy that says Deny. For 401 your function raises `Unauthorized`.
    """
    doors.no_query(request, "response", "usage_key")
    if response == "simple" and body.version != "2.0":
        raise Invalid("Simple responses are for HTTP APIs with payload format 2.0 only")
    what = aws.called(body)
    who = _caller(aws.token(body), gateway=doors.principal(request))
    action, decision = _decision(what, who)
    context: dict[str, aws.Scalar] = {
        "actor": who.actor,
        "company": str(who.company),
        "action": action,
        "allowed": decision.is_allowed,
        "policies": " ".join(decision.policies),
        "reason": decision.reason,
    }
    if body.version == "2.0" and response != "iam":
        return aws.GatewayAnswer(aws.SimpleAnswer(isAuthorized=decision.is_allowed, context=context))
    return aws.GatewayAnswer(
        aws.iam(
            what,
            principal_id=who.actor,
            is_allowed=decision.is_allowed,
            context=context,
            usage_key=str(who.id) if usage_key else "",
        )
    )


def _caller(token: str, *, gateway: Principal) -> Principal:
    """Whose token it is, looked up anew each time. Raises Unauthorized."""
    who = of_bearer(token, at=clock.now(), is_fresh=True)
    if who is None or who.merchant_id != gateway.merchant_id:
        raise Unauthorized
    return who


def _decision(what: aws.Called, who: Principal) -> tuple[str, Decision]:
    """The action at that address and the same decision that Recoup's own door will make there."""
    route, path = None, what.path
    if aws.is_walkable(what.path):
        path = what.path if what.path.startswith(f"{routes.API_PREFIX}/") else f"{routes.API_PREFIX}{what.path}"
        route = routes.find(what.method, path)
    if route is None or not route.actions:
        return "", _NO_SUCH_ADDRESS
    (action,) = route.actions
    try:
        of_guest = doors.thing_of(who, routes.named_in(path))
    except NotFound:
        return "", _NO_SUCH_ADDRESS
    thing = of_guest or (PAGE if action == doors.OPEN else Company(who.company))
    return action, authorizer.decide(principal=who, action=action, resource=thing)
