"""The web application on a port, as libraries of others meet it: `python -m tests.oauth.running PORT`."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import requests

from recoup.config import ports


@contextmanager
def web():
    """Its address, on the database of the tests. What it says about itself names this address."""
    port = ports.free_port()
    address = f"http://127.0.0.1:{port}"
    told = {**os.environ, "RECOUP_PUBLIC_URL": address, "DJANGO_SETTINGS_MODULE": "recoup.config.settings"}
    with subprocess.Popen([sys.executable, "-m", "tests.oauth.running", str(port)], env=told) as program:
        try:
            _wait_until_open(address, program)
            yield address
        finally:
            program.terminate()


def _wait_until_open(address, program):
    until = time.monotonic() + 60
    while time.monotonic() < until and program.poll() is None:
        try:
            requests.get(f"{address}/healthz", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the web does not answer")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *told):
        """Nothing is said for each request."""


if __name__ == "__main__":
    import django

    django.setup()
    from recoup.config.wsgi import application

    with make_server("127.0.0.1", int(sys.argv[1]), application, _Server, _Quiet) as server:
        server.serve_forever()
