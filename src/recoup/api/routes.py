"""Route -> action, for every address of the web program: read from what each door declares, written nowhere twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from ninja import NinjaAPI

from recoup.access.doors import ApiKeyAuth
from recoup.access.routes_of_others import asked_at

ANY = "ANY"
API_PREFIX = "/api/v1"
_CONVERTER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address. `method` is ANY for pages; `actions` is empty when nobody declared any."""

    method: str
    path: str
    actions: tuple[str, ...]


@cache
def table() -> tuple[Route, ...]:
    """Every address with what is asked for there, in the order of the URL configuration."""
    return tuple(_walk(get_resolver(), "/", ""))


def check() -> None:
    """Nothing happens when every address declares an action. Raises ImproperlyConfigured with those that do not."""
    silent = [f"{route.method} {route.path}" for route in table() if not route.actions]
    if silent:
        raise ImproperlyConfigured(f"These addresses declare no action (docs/access.md): {', '.join(silent)}")


def find(method: str, path: str) -> Route | None:
    """The API's route that a request would reach; None when there is none."""
    try:
        template = resolve(path).route
    except Resolver404:
        return None
    return _of_the_api().get((method.upper(), _shape(template)))


def named_in(path: str) -> dict[str, Any]:
    """What the words in braces of an address stand for there; nothing when it is none."""
    try:
        return dict(resolve(path).kwargs)
    except Resolver404:
        return {}


@cache
def _of_the_api() -> dict[tuple[str, str], Route]:
    return {(route.method, route.path): route for route in table() if route.path.startswith(f"{API_PREFIX}/")}


def _walk(at: URLResolver, path: str, names: str) -> Iterator[Route]:
    for one in at.url_patterns:
        here = path + str(one.pattern).lstrip("^")
        if isinstance(one, URLResolver):
            api = _api_at(one)
            if api is not None:
                yield from _operations(api)
            yield from _walk(one, here, f"{names}{one.namespace}:" if one.namespace else names)
        elif not _is_operation(one):
            yield Route(method=ANY, path=_shape(here), actions=asked_at(one.callback, _full_name(one, names)))


def _operations(api: NinjaAPI) -> Iterator[Route]:
    for prefix, router in api._routers:  # noqa: SLF001 - ninja has no other list of its endpoints
        for path, view in router.path_operations.items():
            for operation in view.operations:
                asked = tuple(auth.action for auth in operation.auth_callbacks if isinstance(auth, ApiKeyAuth))
                for method in operation.methods:
                    template = re.sub(r"{(?:\w+:)?(\w+)}", r"{\1}", f"{API_PREFIX}{prefix}{path}")
                    yield Route(method=method, path=template, actions=tuple(filter(None, asked)))


def _api_at(resolver: URLResolver) -> NinjaAPI | None:
    """The API that the addresses below belong to."""
    from recoup.api.v1 import api

    return api if resolver.namespace == api.urls_namespace else None


def _is_operation(pattern: URLPattern) -> bool:
    return pattern.callback.__module__ == "ninja.operation"


def _full_name(pattern: URLPattern, names: str) -> str | None:
    return f"{names}{pattern.name}" if pattern.name else None


def _shape(template: Any) -> str:
    text = _CONVERTER.sub(lambda found: f"{{{found[1] or found[2]}}}", str(template))
    return text if text.startswith("/") else f"/{text}"
