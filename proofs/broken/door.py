"""The web application on a port of its own, after one of the breaks beside this file:
`python -m proofs.broken.door no_authorizer`. The port is the only line it prints.
"""

from __future__ import annotations

import importlib
import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *told: object) -> None:
        """Nothing is said for each request."""


if __name__ == "__main__":
    import django

    django.setup()
    importlib.import_module(f"proofs.broken.{sys.argv[1]}").break_it(*sys.argv[2:])
    from recoup.config.wsgi import application

    with make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
