"""The control calls are for tests and demos on this machine, not for a web page that a browser here happens to show."""

from recoup_sandbox.http_messages import Request, Response, json_response

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def refuse_strangers(request: Request) -> Response | None:
    """An answer 403 for a call by another name than loopback's or from another site's page; None when it is welcome."""
    host = request.headers.get("host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    origin = request.headers.get("origin")
    if name in OWN_NAMES and origin in (None, f"http://{host}"):
        return None
    return json_response({"error": {"message": "the practice world is controlled from this machine only"}}, status=403)
