"""A browser that signs in at another provider: the practice town's door, a program of its own, over HTTP."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import urljoin, urlsplit

import requests

from proofs.attacks.ground import REQUEST_S_MAX
from recoup.config.private_house import PrivateHouse

NAME = "Kopi ID"
_STEPS_MAX = 12


def settings(house: PrivateHouse) -> dict[str, str]:
    """What a web is told that lets people come by the town's door."""
    door = f"{house.running.town_url}/door"
    app = {"provider_id": "kopi-id", "name": NAME, "client_id": "recoup", "secret": "between us"}
    return {"RECOUP_OIDC_PROVIDERS": json.dumps([{**app, "settings": {"server_url": door}}])}


def known_there(house: PrivateHouse, email: str) -> None:
    """The door knows somebody with that address."""
    told = {"email": email, "name": "Lena", "secret": "JBSWY3DPEHPK3PXP"}
    town = house.running.town_url
    requests.post(f"{town}/_practice/phones", json=told, timeout=REQUEST_S_MAX).raise_for_status()


def comes_by(session: requests.Session, url: str, email: str) -> requests.Response:
    """From the button of the sign-in, over the door, to whatever page follows."""
    page = session.get(f"{url}/account/login/", timeout=REQUEST_S_MAX).text
    action = re.search(rf'<form method="post" action="([^"]+)">(?:(?!</form>).)*{NAME}', page, re.DOTALL)
    if action is None:
        raise RuntimeError(f"the sign-in has no button of {NAME}")
    fields = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]+)"', page))
    at_door = _followed(session, "POST", urljoin(url, html.unescape(action[1])), fields)
    where, asked = _form(at_door)
    return _followed(session, "POST", where, {**asked, "who": email})


def _followed(session: requests.Session, method: str, where: str, fields: dict[str, str]) -> requests.Response:
    answer = session.request(method, where, data=fields, allow_redirects=False, timeout=REQUEST_S_MAX)
    for _ in range(_STEPS_MAX):
        if not answer.is_redirect:
            return answer
        where = urljoin(str(answer.url), answer.headers["Location"])
        answer = session.get(where, allow_redirects=False, timeout=REQUEST_S_MAX)
    raise RuntimeError(f"redirected for ever, last to {urlsplit(where).path}")


def _form(answer: requests.Response) -> tuple[str, dict[str, str]]:
    page = answer.text[answer.text.index("<form") :]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    found = re.search(r'action="([^"]+)"', page)
    where = html.unescape(found[1]) if found else ""
    return urljoin(str(answer.url), where), {name: html.unescape(value) for name, value in hidden}
