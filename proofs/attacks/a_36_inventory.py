"""A-36: the addresses that are served, those that are documented and those of the matrix are the same ones."""

from __future__ import annotations

import requests

from proofs.attacks import cells, matrix
from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen

NAME = "A-36"
TITLE = "Every address is known, and none is there for debugging"

#: What others leave open: consoles, dumps, schemas, figures, versions and backups.
ELSEWHERE = """
/admin /admin/ /admin/login/ /administrator /django-admin/ /debug /debug/ /__debug__/ /_debug /silk/ /rosetta/
/metrics /prometheus /metrics/prometheus /stats /status /server-status /nginx_status /actuator /actuator/env /info
/health /readyz /livez /env /config /phpinfo.php /console /shell /_profiler /trace /traces /heapdump /threads
/api /api/ /api/docs /api/v1/docs /api/v1/redoc /api/v1/schema /api/v1/swagger.json /swagger /swagger-ui /docs /redoc
/openapi.json /schema /graphql /graphiql /api/v0/refunds /api/v2/refunds /api/v1/admin /api/v1/debug /api/internal
/.env /.git/HEAD /.git/config /.svn/entries /.DS_Store /backup.zip /dump.sql /db.sqlite3 /settings.py /manage.py
/static/ /static/../settings.py /static/%2e%2e/settings.py /static/..%2fsettings.py /media/ /media/photos /uploads/
/_practice/events /_practice/faults /inbox /inbox.json /vault /worker /live/ /__live__ /test /tests /wp-login.php
""".split()
REVEALING = (b"Traceback", b"DEBUG = True", b"urlpatterns", b"Using the URLconf", b"SECRET_KEY", b"root:x:")


def run(ground: Ground, seen: Seen) -> None:
    """Three lists that must be one; what is on none of them is not there; then a web with a door too many."""
    from recoup.api import routes

    served = {(route.method, route.path) for route in routes.table()}
    told = matrix.differences(served)
    seen.expect(not told, f"the matrix and the URL configuration: {told[:5]}")
    document = cells.world(ground).document["paths"]
    documented = {(method.upper(), path) for path, item in document.items() for method in item}
    ours = {(row.method, row.path) for row in matrix.rows() if row.is_api}
    seen.expect(documented == ours, f"the matrix and the OpenAPI document: {sorted(documented ^ ours)[:5]}")
    silent = [f"{route.method} {route.path}" for route in routes.table() if not route.actions]
    seen.expect(not silent, f"addresses that ask for nothing: {silent[:5]}")
    for words in _open_doors(ground, ground.url, seen):
        seen.expect(False, words)
    _quiet_about_itself(ground, seen)
    seen.control(matrix.differences({*served, ("GET", "/api/v1/everything")}), "an address without a row")
    with ground.broken("debug_doors") as url:
        found = list(_open_doors(ground, url, None))
        seen.control(len(found) >= 2, "a web with a console and figures for everybody")


def _open_doors(ground: Ground, url: str, seen: Seen | None) -> list[str]:
    found = []
    with requests.Session() as session:
        for path in ELSEWHERE:
            request = requests.Request("GET", f"{url}{path}").prepare()
            request.url = f"{url}{path}"
            answer = session.send(request, timeout=30, allow_redirects=False)
            if seen is not None:
                seen.expect(True, path)
            if answer.status_code not in (400, 401, 404) or any(word in answer.content for word in REVEALING):
                found.append(f"{path} from outside: {answer.status_code} {answer.content[:80]!r}")
    return found


def _quiet_about_itself(ground: Ground, seen: Seen) -> None:
    """Nothing says which programs in which versions answer, and no mistake shows our code."""
    for path in ("/", "/healthz", "/nothing-here", "/api/v1/nothing-here", "/cases/%00", "/api/v1/refunds?limit=%ff"):
        answer = ground.call("GET", path, key=ground.one.key())
        server = answer.headers.get("Server", "") + answer.headers.get("X-Powered-By", "")
        seen.expect(not any(letter.isdigit() for letter in server), f"{path} tells of {server}")
        seen.expect(answer.status_code < 500, f"{path}: {answer.status_code}")
        seen.expect(not any(word in answer.content for word in REVEALING), f"{path} shows our code")
