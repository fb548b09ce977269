"""Whether a value is what a schema of the OpenAPI document says."""

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012


def checker(document):
    """A function of a value and a schema of that document, which gives what does not fit."""
    registry = Registry().with_resource("urn:api", DRAFT202012.create_resource(document))

    def holds(value, schema):
        checks = Draft202012Validator(_absolute(schema), registry=registry, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in checks.iter_errors(value)]

    return holds


def _absolute(schema):
    if isinstance(schema, dict):
        return {
            name: f"urn:api{value}" if name == "$ref" and value.startswith("#") else _absolute(value)
            for name, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema
