"""Django's handle on the pages."""

from django.apps import AppConfig


class Pages(AppConfig):
    name = "recoup.web"
    label = "web"
