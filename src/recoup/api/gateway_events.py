"""AWS API Gateway's side of its Lambda authorizers: what it asks, and what it must be answered. Pure shapes.

Sources: the API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer" and "Output from an API Gateway
Lambda authorizer" (REST APIs: TOKEN and REQUEST), "Control access to HTTP APIs with AWS Lambda authorizers" (payload
format versions 1.0 and 2.0). Each rule that is kept here is a test in tests/api/test_gateway.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from recoup.kernel.errors import Invalid

#: "The maximum length is 1600 bytes" of a method's ARN; "currently limited to 512 characters" in the answer's policy.
ARN_MAX = 1600
RESOURCE_MAX = 512
_ARN = re.compile(
    r"(?P<api>arn:aws[a-z-]*:execute-api:[a-z0-9-]*:[0-9]*:[A-Za-z0-9]+/[^/\s*?]+)"
    r"/(?P<method>[A-Z]+)/?(?P<path>[^\s]*)"
)
_NOWHERE = frozenset({".", ".."})
Scalar = str | int | float | bool


class GatewayEventIn(BaseModel):
    """What API Gateway tells its authorizer. Sent on as it came: members that are not listed here are not read."""

    model_config = ConfigDict(strict=True, extra="ignore")

    type: Annotated[Literal["TOKEN", "REQUEST"], Field(description="TOKEN of a REST API, or REQUEST")]
    version: Annotated[Literal["1.0", "2.0"] | None, Field(description="payload format of an HTTP API")] = None
    authorizationToken: Annotated[str | None, Field(description="TOKEN: the caller's token")] = None  # noqa: N815
    methodArn: Annotated[str | None, Field(description="what is called; payload 2.0 has routeArn")] = None  # noqa: N815
    routeArn: Annotated[str | None, Field(description="payload 2.0: what is called")] = None  # noqa: N815
    headers: Annotated[dict[str, str | None] | None, Field(description="REQUEST: the caller's headers")] = None
    identitySource: Annotated[  # noqa: N815
        str | list[str] | None, Field(description="REQUEST of an HTTP API: where the token was found")
    ] = None


class Statement(BaseModel):
    """Whether that method may be invoked."""

    Action: Literal["execute-api:Invoke"] = "execute-api:Invoke"
    Effect: Literal["Allow", "Deny"]
    Resource: Annotated[str, Field(max_length=RESOURCE_MAX)]


class PolicyDocument(BaseModel):
    """An IAM policy for exactly the method that was asked about."""

    Version: Literal["2012-10-17"] = "2012-10-17"
    Statement: list[Statement]


class IamAnswer(BaseModel):
    """For REST APIs, and for HTTP APIs without simple responses."""

    principalId: str  # noqa: N815
    policyDocument: PolicyDocument  # noqa: N815
    context: dict[str, Scalar]
    usageIdentifierKey: str | None = None  # noqa: N815


class SimpleAnswer(BaseModel):
    """For HTTP APIs with simple responses (payload format 2.0)."""

    isAuthorized: bool  # noqa: N815
    context: dict[str, Scalar]


class GatewayAnswer(RootModel[IamAnswer | SimpleAnswer]):
    """What the Lambda function returns to API Gateway as it is. `context` has strings, numbers and booleans only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What somebody wants to call through the gateway. `path` begins with a slash and has no stage."""

    arn: str
    method: str
    path: str


def called(event: GatewayEventIn) -> Called:
    """What is called. Raises Invalid when the event names nothing, or not in the form of API Gateway."""
    arn = event.routeArn if event.version == "2.0" else event.methodArn
    if not arn:
        name = "routeArn" if event.version == "2.0" else "methodArn"
        raise Invalid(f"The event has no {name}: send what API Gateway gave the authorizer, as it came")
    found = _ARN.fullmatch(arn) if len(arn.encode()) <= ARN_MAX else None
    if found is None:
        raise Invalid(
            "That is no ARN of a method: arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path}, "
            f"at most {ARN_MAX} bytes"
        )
    return Called(arn=arn, method=found["method"], path=f"/{found['path']}")


def token(event: GatewayEventIn) -> str:
    """The caller's token, with or without the word Bearer; empty when there is none."""
    given = event.authorizationToken or ""
    if event.type == "REQUEST":
        given = _header(event.headers or {}, "authorization") or _first(event.identitySource)
    kind, _, rest = given.strip().partition(" ")
    return rest.strip() if kind.lower() == "bearer" else given.strip()


def is_walkable(path: str) -> bool:
    """Whether the path means the same to everybody on the way: no step up, none in place, none encoded."""
    steps = path.split("/")
    return not (_NOWHERE & set(steps) or "%" in path or "\\" in path or "" in steps[1:-1])


def iam(
    what: Called, *, principal_id: str, is_allowed: bool, context: Mapping[str, Scalar], usage_key: str = ""
) -> IamAnswer:
    """The policy: for exactly that method, so that a kept answer opens nothing else."""
    is_short = len(what.arn) <= RESOURCE_MAX
    resource = what.arn if is_short else f"{what.arn[: RESOURCE_MAX - 1]}*"
    effect: Literal["Allow", "Deny"] = "Allow" if is_allowed and is_short else "Deny"
    return IamAnswer(
        principalId=principal_id,
        policyDocument=PolicyDocument(Statement=[Statement(Effect=effect, Resource=resource)]),
        context=dict(context),
        usageIdentifierKey=usage_key or None,
    )


def _header(headers: Mapping[str, str | None], name: str) -> str:
    return next((value or "" for given, value in headers.items() if given.lower() == name), "")


def _first(source: str | list[str] | None) -> str:
    if isinstance(source, list):
        return source[0] if source else ""
    return source or ""
