"""The reference of the API is made of the OpenAPI document, and shows all of it without a script."""

import re

import pytest


@pytest.fixture
def page(browser):
    answer = browser.get("/developers")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def document(browser):
    return browser.get("/api/v1/openapi.json").json()


def operations(document):
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]


def test_every_operation_is_on_it_with_its_address_and_examples(page, document):
    for method, path, operation in operations(document):
        article = page.split(f'<h3 id="{operation["operationId"]}">')[1].split("</article>")[0]
        assert f'<span class="operation-method">{method}</span> <code>{path}</code>' in article
        assert article.count("data-run=") == 2, path
        for parameter in operation["parameters"]:
            assert f"<code>{parameter['name']}</code>" in article
        for status in operation["responses"]:
            assert f">{status}<" in article, (path, status)


def test_every_code_and_every_shape_is_explained(page, document):
    from recoup.api.document import codes

    for code in codes(document):
        assert f"<td>{code.status}</td><td><code>{code.code}</code></td>" in page
    for link in set(re.findall(r'href="#([^"]+)"', page)):
        assert f'id="{link}"' in page, f"#{link} leads nowhere"


def test_it_runs_nothing_inline_and_fetches_nothing_from_elsewhere(page, browser):
    policy = browser.get("/developers")["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert not [
        address for address in re.findall(r'(?:src|href)="(https?://[^"]+)"', page) if "standardwebhooks" not in address
    ]


def test_the_foot_of_every_page_leads_to_it(browser):
    assert '<a href="/developers">' in browser.get("/cases").content.decode()


def test_what_is_in_the_document_is_text_on_the_page(database):
    from recoup.api.reference import _words

    assert _words("a `<b>` & <script>") == "a <code>&lt;b&gt;</code> &amp; &lt;script&gt;"
