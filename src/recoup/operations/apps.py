"""Django's handle on this context."""

from django.apps import AppConfig


class Context(AppConfig):
    name = "recoup.operations"
    label = "operations"
