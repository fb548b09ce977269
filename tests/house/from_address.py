"""Asking from another address of this machine: all of 127.0.0.0/8 is it."""

from requests.adapters import HTTPAdapter


class From(HTTPAdapter):
    """Connections that leave from that address."""

    def __init__(self, source):
        self._source = source
        super().__init__()

    def init_poolmanager(self, *told, **named):
        super().init_poolmanager(*told, source_address=(self._source, 0), **named)
