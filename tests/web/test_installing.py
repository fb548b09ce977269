"""What makes the pages an app."""

import re


def test_the_manifest_names_icons_that_are_there(mei):
    from django.contrib.staticfiles import finders

    manifest = mei.opens("/app.webmanifest").response

    assert manifest["Content-Type"] == "application/manifest+json"
    told = manifest.json()
    assert (told["display"], told["start_url"]) == ("standalone", "/")
    for icon in told["icons"]:
        assert finders.find(re.match(r"/static/([^?]+)", icon["src"])[1])


def test_a_release_with_other_style_sheets_is_another_worker(mei, monkeypatch):
    from recoup.web import installing

    before = mei.opens("/app-worker.js").page
    monkeypatch.setattr(installing, "stylesheets", lambda: ["/static/css/new.css?v=1"])

    assert mei.opens("/app-worker.js").page != before
    assert "RELEASE" not in before
    assert mei.response["Cache-Control"] == "no-cache"


def test_the_page_without_a_connection_shows_nobodys_things(mei):
    page = mei.opens("/offline").page

    assert "There is no connection" in page
    assert "csrfmiddlewaretoken" not in page
