"""A program as small as one can be and still live in the house: it beats, opens its door, and fails when asked to.

TINY_REFUSE=words    says the words and ends at once
TINY_CHILD=1         has a child that outlives it, in its process group
"""

import http.server
import os
import subprocess
import sys
import threading
import time

from recoup.config.roster import DOORS, SANDBOX, WORK, Program
from recoup.kernel.heartbeat import beat

ROSTER = {
    "provider": Program(command=(__file__, "provider"), rank=SANDBOX, door="provider", is_sandbox=True),
    "worker": Program(command=(__file__, "worker"), rank=WORK),
    "web": Program(command=(__file__, "web"), rank=DOORS, door="web"),
}


class _Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"well")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is http.server's
        pass


def main(name: str) -> None:
    if words := os.environ.get("TINY_REFUSE"):
        sys.exit(words)
    if os.environ.get("TINY_CHILD"):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    port = os.environ.get("RECOUP_PORT") or os.environ.get("RECOUP_SANDBOX_PORT")
    if port:
        door = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), _Door)
        threading.Thread(target=door.serve_forever, daemon=True).start()
    print(f"{name} is here", flush=True)
    while True:
        beat(name)
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1])
