"""The published shape of the provider's objects, as JSON Schema.

Stripe publishes its API as an OpenAPI document and generates its official client from it ("File generated from our
OpenAPI spec" heads each of the client's resource files). The client that requirements/test.lock pins by hash therefore
carries the published shape of its API version: every field of every object, its type, whether it may be absent or null.
This module reads that out of the client's classes, so nothing has to be copied here or kept up to date by hand.

Stricter than the document: unknown fields are errors, and where the provider lists values only those are accepted.
"""

import typing
from typing import Any

import stripe
from stripe._expandable_field import ExpandableField  # noqa: F401 - named in the classes' annotations
from stripe._list_object import ListObject
from stripe._stripe_object import StripeObject, UntypedStripeObject

Schema = dict[str, Any]

PLAIN: dict[object, Schema] = {
    int: {"type": "integer"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    Any: {},
    type(None): {"type": "null"},
}
#: Objects that are looked into when they are expanded; others are only known to be objects.
KNOWN: dict[str, type[StripeObject]] = {
    one.__name__: one
    for one in (
        stripe.Refund,
        stripe.Charge,
        stripe.PaymentIntent,
        stripe.BalanceTransaction,
        stripe.Balance,
        stripe.Dispute,
        stripe.Event,
        stripe.WebhookEndpoint,
        stripe.ErrorObject,
    )
}
BY_OBJECT = {str(one.OBJECT_NAME): name for name, one in KNOWN.items() if hasattr(one, "OBJECT_NAME")}


def document() -> Schema:
    """Every known object under `$defs`."""
    return {"$defs": {name: _of_class(one) for name, one in KNOWN.items()}}


def schema_of(name: str) -> Schema:
    """The schema of one object, by the name of the client's class."""
    return {"$ref": f"#/$defs/{name}", **document()}


def _of_class(one: type[StripeObject]) -> Schema:
    fields = {
        name: kind
        for parent in reversed(one.__mro__)
        for name, kind in vars(parent).get("__annotations__", {}).items()
        if typing.get_origin(kind) is not typing.ClassVar and not name.startswith("_")
    }
    properties = {getattr(one, "_field_remappings", {}).get(name, name): _of(kind) for name, kind in fields.items()}
    required = [name for name, kind in fields.items() if type(None) not in typing.get_args(kind)]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _of(kind: Any) -> Schema:
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, typing.ForwardRef):
        known = kind.__forward_arg__ in KNOWN
        return {"$ref": f"#/$defs/{kind.__forward_arg__}"} if known else {"type": "object"}
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return {"enum": list(inside)}
    if origin is typing.Union:
        if any(typing.get_origin(one) is typing.Literal for one in inside):
            inside = tuple(one for one in inside if one is not str)  # values named, so only those
        return {"anyOf": [_of(one) for one in inside]}
    if origin is list:
        return {"type": "array", "items": _of(inside[0])}
    if origin is ListObject:
        return list_of(_of(inside[0]))
    if kind is UntypedStripeObject or origin is UntypedStripeObject:
        return {"type": "object", "additionalProperties": _of(inside[0]) if inside else {}}
    assert issubclass(kind, StripeObject), kind
    return _of_class(kind)


def list_of(items: Schema) -> Schema:
    """A page of objects."""
    return {
        "type": "object",
        "properties": {
            "object": {"enum": ["list"]},
            "url": {"type": "string", "pattern": "^/v1/"},
            "has_more": {"type": "boolean"},
            "data": {"type": "array", "items": items},
        },
        "required": ["object", "url", "has_more", "data"],
        "additionalProperties": False,
    }
