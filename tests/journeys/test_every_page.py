"""Every kind of person walks along every link, and each page that they come to is held against the same rules.

No link leads to a refusal; WCAG as far as axe-core sees it, light and dark; nothing is lost at 320 px or with text of
twice the size; and whatever page nobody comes to is named here.
"""

import os
import re

import pytest

from recoup.config.picturing import cases
from recoup.config.picturing.people import Scene, visitors
from tests.journeys import browser as chromium
from tests.journeys.accessibility import complaints_about, contrast_complaints

SIZE = {"width": 390, "height": 844}
#: Pages that no link leads these people to. Why; and their addresses.
ELSEWHERE = {
    "factors, which nobody here has set up: test_factors.py looks at them": """
        /account/2fa/recovery-codes/ /account/2fa/recovery-codes/download/ /account/2fa/recovery-codes/generate/
        /account/2fa/totp/deactivate/ /account/2fa/webauthn/ /account/2fa/webauthn/keys/{pk}/edit/
        /account/2fa/webauthn/keys/{pk}/remove/ /account/2fa/webauthn/login/ /account/2fa/webauthn/reauthenticate/
    """,
    "steps between this program and another one": """
        /account/3rdparty/ /account/3rdparty/login/cancelled/ /account/3rdparty/login/error/ /account/3rdparty/signup/
        /account/social/connections/ /account/social/login/cancelled/ /account/social/login/error/
        /account/social/signup/ /account/oidc/{provider_id}/login/ /account/oidc/{provider_id}/login/callback/
        /account/saml/{organization_slug}/acs/ /account/saml/{organization_slug}/acs/finish/
        /account/saml/{organization_slug}/login/ /account/saml/{organization_slug}/metadata/
        /account/saml/{organization_slug}/sls/ /account/company/{ticket}/ /oauth/authorize
    """,
    "behind a link in a letter": """
        /account/join/{token}/ /account/not-me/{token}/ /account/password/reset/complete/
        /account/password/reset/confirm/ /account/confirm-email/
    """,
    "steps of a form; the shopper's journeys go through them": """
        /account/login/code/ /account/phone/confirm/ /account/phone/prove/ /account/inactive/ /account/signup/
        /language /ask/{slug}/code/again /ask/{slug}/looking /cases/code /cases/code/again /cases/{number}/now
    """,
    "no pages: a company's own page and its site load them": """
        /at/{slug}/look.css /at/{slug}/logo/{mark}.png /at/{slug}/code.svg /at/{slug}/told.json /widget.js
        /app.webmanifest /app-worker.js
    """,
    "shown by the app when there is no connection (test_installed.py)": "/offline",
    "photos, and things that the demo world has none of": """
        /ask/{slug}/photos/{key} /review/{number}/photos/{photo_id} /review/{number}/{verb}/{payout_id}
        /staff/apps/{app_id} /staff/apps/{app_id}/disconnect /staff/apps/{app_id}/replace-secret
        /staff/limits/people/{person_id} /staff/policy/enable /staff/members/invitations/{invitation_id}/withdraw
        /staff/webhooks/{endpoint_id}/deliveries/{delivery_id}/replay
        /staff/orders/files/{file_key} /staff/orders/imports/{run_id}
        /operator/parked/{queue}/{company_id}/{key} /style/{name}
    """,
}


@pytest.fixture(scope="module")
def scene():
    import django

    from recoup.config.private_house import PrivateHouse

    with PrivateHouse(load_demo=True) as house:
        os.environ.update(house.environment("cli"), DJANGO_SETTINGS_MODULE="recoup.config.settings")
        django.setup()
        scene = Scene(house=house)
        cases.file_all(scene)
        yield scene


@pytest.fixture(scope="module")
def journal(scene, _browser):
    """`journal(visitor)`: (sight, complaints) of each page that they see. Each walks once."""
    kept, known = {}, set()

    def of(visitor):
        if visitor.name not in kept:
            kept[visitor.name] = _walk(_browser, scene, visitor, known)
        return kept[visitor.name]

    return of


def _walk(browser, scene, visitor, known):
    """What somebody has seen already is only asked whether it lets this person in."""
    from recoup.config.picturing import walk

    found, heard = [], chromium.Visit()
    with chromium.visitor(browser, base_url=scene.url, visit=heard, settings={"viewport": SIZE}) as (_, page):

        def look(sight):
            is_new = (sight.title, walk.kind_at(sight.path)) not in known
            known.add((sight.title, walk.kind_at(sight.path)))
            refused = [] if sight.status == 200 else [f"answers {sight.status}"]
            found.append((sight, refused + (_complaints(page) if is_new else [])))

        visitor.arrive(scene, page, lambda page, _: look(walk.seen_now(page)))
        for sight in walk.along_links(
            page, base_url=scene.url, starts=visitor.starts(scene), leaves_out=visitor.leaves_out
        ):
            look(sight)
        heard.expected.append("404")
        found.append((walk.seen_now(page), heard.unexpected()))
    return found


def _complaints(page):
    found = complaints_about(page) + _what_gets_lost(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [f"dark: {said}" for said in contrast_complaints(page)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


def _what_gets_lost(page):
    """At the narrowest screen that counts, and with text of twice the size."""
    found, size = [], page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > 321:
        found.append("scrolls sideways at 320 px")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate("document.documentElement.scrollWidth") > 1281:
        found.append("scrolls sideways with text of twice the size")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(size)
    return found


@pytest.mark.parametrize("visitor", visitors(), ids=lambda visitor: visitor.name)
def test_every_page_that_somebody_comes_to_keeps_the_rules(journal, visitor):
    broken = [f"{sight.path}: {said}" for sight, told in journal(visitor) for said in told]
    assert not broken, f"{len(broken)} complaints\n" + "\n".join(broken)


def test_every_page_is_looked_at_or_named(journal):
    from recoup.api.routes import ANY, table
    from recoup.web.routes import Kind, kind_of

    seen = {_shape(sight.route) for visitor in visitors() for sight, _ in journal(visitor)}
    pages = {route.path for route in table() if route.method == ANY and kind_of(route.path) is Kind.PAGE}
    unseen, named = pages - seen, {path for paths in ELSEWHERE.values() for path in paths.split()}
    assert unseen == named, f"not looked at: {sorted(unseen - named)}; named, but seen: {sorted(named - unseen)}"


def _shape(route):
    return re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda found: f"{{{found[1] or found[2]}}}", route)
