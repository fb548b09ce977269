"""docs/limits.md says what the tables say."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "limits.md"


def table():
    """The limits as rows of the page."""
    from recoup.access.limits_rules import RULES

    return [
        f"| `{rule.bucket}` | {rule.quota:,} | {rule.window_s:,} | {rule.of} | "
        f"{'exactly' if rule.is_exact else 'by purse'}{', settable' if rule.is_settable else ''} |"
        for rule in RULES.values()
    ]


def test_every_limit_is_documented_with_its_numbers():
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `") and ".." not in line
    ]

    assert [row for row in rows if row.count("|") == 6] == table()


def test_the_sizes_are_those_of_the_tables(database):
    from recoup.config.programs import web, web_gate
    from recoup.web import routes
    from recoup.web.forms import PHOTO_BYTES_MAX, PHOTOS_MAX

    page = PAGE.read_text(encoding="utf-8")
    mib, bulk = routes.MIB, routes.BULK_BODY.bytes_max // routes.MIB
    assert routes.EVIDENCE_BODY.bytes_max == routes.BULK_BODY.bytes_max
    for words in (
        f"| {routes.API_BODY.bytes_max // mib} MiB; orders in bulk and photos of a refund {bulk} MiB |",
        f"{routes.API_BODY.levels_max} levels; {routes.API_BODY.names_max:,} names",
        f"(bulk {routes.BULK_BODY.names_max:,})",
        f"{PHOTOS_MAX} photos of {PHOTO_BYTES_MAX // mib} MiB and 2 MiB",
        f"{routes.WEBHOOK_BODY.bytes_max // 1024} KiB, {routes.REPORT_BODY.bytes_max // 1024} KiB",
        f"| {web_gate.HEADER_BYTES_MAX // 1024} KiB, 100 headers |",
        f"| {web.HEADERS_S_MAX:.0f} s; an idle",
        f"{routes.API_BODY.seconds_max:.0f} s for JSON, {routes.BULK_BODY.seconds_max:.0f} s in bulk",
        f"{routes.PAGE_BODY.seconds_max:.0f} s for photos",
        f"{web_gate.HELD_BYTES_MAX // mib} MiB in a worker, {web_gate.HELD_OF_ONE_MAX // mib} MiB from one address",
        f"| {web.CONNECTIONS_MAX:,} in each",
    ):
        assert words in page, words
