"""The catcher's pages: what the demo's shoppers would find in their mail. Plain HTML, no script, no outside assets."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

REFRESH_S = 5
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
#: A mail's own HTML may style itself and show what it carries; it may not run, load, send or frame anything.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups "
    "allow-popups-to-escape-sandbox; frame-ancestors 'self'"
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #566274; --paper: #fbfaf7; --card: #fff; --line: #dcdfe4;
  --accent: #0b5c57; --warn: #8f1d1d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9ecf1; --soft: #a9b3c2; --paper: #14181e; --card: #1d232c;
  --line: #38414e; --accent: #7fd3cb; --warn: #ff9d9d; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main, header { max-width: 56rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
a { color: var(--accent); } a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible,
iframe:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
button, .button { font: inherit; padding: .4rem .8rem; min-height: 2.5rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--card); color: var(--ink); text-decoration: none; cursor: pointer; }
.danger { color: var(--warn); }
label { display: block; font-size: .875rem; color: var(--soft); }
input { font: inherit; padding: .4rem .6rem; min-height: 2.5rem; width: min(18rem, 100%); border: 1px solid var(--soft);
  border-radius: .5rem; background: var(--card); color: var(--ink); }
ol.mails { list-style: none; margin: 1rem 0 0; padding: 0; border: 1px solid var(--line); border-radius: .75rem;
  background: var(--card); overflow: hidden; }
ol.mails li + li { border-top: 1px solid var(--line); }
ol.mails a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .75rem 1rem; color: inherit;
  text-decoration: none; }
ol.mails a:hover { background: color-mix(in srgb, var(--accent) 8%, transparent); }
.subject { font-weight: 600; overflow-wrap: anywhere; } .who, time { color: var(--soft); font-size: .875rem; }
.who { overflow-wrap: anywhere; } .empty { padding: 3rem 1rem; text-align: center; color: var(--soft); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0; } dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 60vh; border: 1px solid var(--line); border-radius: .75rem; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid var(--line);
  border-radius: .75rem; background: var(--card); }
"""


def list_page(mails: list[dict[str, Any]], *, total: int, to: str, is_paused: bool) -> str:
    """Everything that was caught, newest first, with a filter by recipient."""
    rows = "".join(_row(mail) for mail in mails)
    shown = (
        f'<ol class="mails">{rows}</ol>' if mails else '<p class="empty">No mail yet. It shows up here by itself.</p>'
    )
    kept = {"to": to} if to else {}
    switch = ("/inbox?" + urlencode(kept), "Refresh by itself again") if is_paused else (
        "/inbox?" + urlencode({**kept, "pause": "1"}), "Stop refreshing"
    )  # fmt: skip
    state = "Not refreshing." if is_paused else f"Refreshes every {REFRESH_S} seconds."
    hidden = '<input type="hidden" name="pause" value="1">' if is_paused else ""
    return _page(
        "Inbox",
        f"""<header><h1>Caught mail</h1>
<div class="tools"><a class="button" href="/phones">Phones</a> <a class="button" href="/texts">Texts</a>
<a class="button" href="/hooks">Webhooks</a>
<a class="button" href="{escape(switch[0])}">{switch[1]}</a>
<form method="post" action="/inbox/delete"><button class="danger">Delete all</button></form></div></header>
<main id="content"><form method="get" action="/inbox" class="tools">
<div><label for="to">Sent to</label><input id="to" name="to" type="text" value="{escape(to)}" autocomplete="off"></div>
{hidden}<button>Filter</button></form>
<p class="who">{len(mails)} of {total} mails. {state} Nothing here ever left this machine.</p>{shown}</main>""",
    )


def phones_page(phones: list[dict[str, str]], *, seconds_left: int) -> str:
    """What the authenticator apps of the town's people show now."""
    rows = "".join(
        f'<li><a href="#{escape(one["email"])}" id="{escape(one["email"])}"><span class="subject">{escape(one["name"])}'
        f'</span><strong>{one["code"]}</strong><span class="who">{escape(one["email"])}</span></a></li>'
        for one in phones
    )
    shown = f'<ol class="mails">{rows}</ol>' if phones else '<p class="empty">Nobody has a phone yet.</p>'
    return _page(
        "Phones",
        f"""<header><h1>Authenticator apps</h1><a class="button" href="/inbox">Mail</a></header>
<main id="content"><p class="who">The second proof of the practice people. These codes change in {seconds_left} seconds,
and each works once.</p>{shown}</main>""",
    )


def texts_page(texts: list[dict[str, Any]]) -> str:
    """What the phones of the town's people got."""
    rows = "".join(
        f'<li><a href="#{one["id"]}" id="{one["id"]}"><span class="subject">{escape(one["to"])}</span>'
        f"{_time(one['at'])}</a><pre>{escape(one['text'])}</pre></li>"
        for one in texts
    )
    shown = f'<ol class="mails">{rows}</ol>' if texts else '<p class="empty">No texts yet.</p>'
    return _page(
        "Texts",
        f"""<header><h1>Texts on the phones</h1><div class="tools"><a class="button" href="/inbox">Mail</a>
<a class="button" href="/phones">Authenticator apps</a></div></header>
<main id="content"><p class="who">Newest first. Nothing here ever left this machine.</p>{shown}</main>""",
    )


def hooks_page(hooks: list[dict[str, Any]]) -> str:
    """What the shops' own servers were told, and whether they believed it."""
    rows = "".join(
        f'<li><a href="#{one["id"]}" id="{one["id"]}"><span class="subject">{escape(one["shop"])}: '
        f"{escape(str(one['told'].get('type', '?')))} #{escape(str(one['told'].get('sequence', '?')))}</span>"
        f'{_time(one["at"])}<span class="who">{escape(one["problem"]) or "Verified"} · {escape(one["message"])}'
        f"</span></a><pre>{escape(one['body'])}</pre></li>"
        for one in hooks
    )
    shown = f'<ol class="mails">{rows}</ol>' if hooks else '<p class="empty">Nothing came in yet.</p>'
    return _page(
        "Webhooks",
        f"""<header><h1>The shops' servers</h1><a class="button" href="/inbox">Mail</a></header>
<main id="content"><p class="who">What Recoup told them, newest first, and whether the signature was good.</p>
{shown}</main>""",
    )


def door_page(action: str, hidden: dict[str, str], people: list[dict[str, str]]) -> str:
    """A company's sign-in: who is it? `hidden` goes along with the answer."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    buttons = "".join(
        f'<p><button name="who" value="{escape(one["email"])}">{escape(one["name"])}, {escape(one["email"])}</button>'
        for one in people
    )
    return _page(
        "Company sign-in",
        f"""<header><h1>Company sign-in</h1></header><main id="content">
<p class="who">The practice identity provider asks for no password. Who are you?</p>
<form method="post" action="{escape(action)}">{kept}{buttons}</form></main>""",
    )


def door_back_page(action: str, fields: dict[str, str]) -> str:
    """Back to where the person came from, by a form, as SAML's POST binding has it."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
    return _page(
        "Signed in",
        f"""<header><h1>You are signed in at your company</h1></header><main id="content">
<form method="post" action="{escape(action)}">{kept}<button>Go on</button></form></main>""",
    )


def mail_page(mail: dict[str, Any]) -> str:
    """One mail: how it looks, its plain text, its headers."""
    parts = []
    if mail["html"] is not None:
        parts.append(
            f'<h2 id="looks">As the shopper sees it</h2><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" '
            f'src="/inbox/{mail["id"]}/html" title="The mail as HTML" aria-describedby="looks"></iframe>'
        )
    if mail["text"] is not None:
        parts.append(f'<h2>Plain text</h2><pre tabindex="0">{escape(mail["text"])}</pre>')
    if mail["attachments"]:
        parts.append(f"<h2>Attachments</h2><p>{escape(', '.join(mail['attachments']))}</p>")
    headers = "\n".join(f"{name}: {value}" for name, value in mail["headers"])
    parts.append(f'<details><summary>All headers</summary><pre tabindex="0">{escape(headers)}</pre></details>')
    subject = mail["subject"] or "(no subject)"
    return _page(
        subject,
        f"""<header><h1>{escape(subject)}</h1><a class="button" href="/inbox">All mail</a></header>
<main id="content"><dl><dt>From</dt><dd>{escape(mail["from"])}</dd><dt>To</dt><dd>{escape(", ".join(mail["to"]))}</dd>
<dt>Caught</dt><dd>{_time(mail["at"])}</dd></dl>{"".join(parts)}</main>""",
    )


def mail_html(html: str, embedded: dict[str, tuple[str, bytes]]) -> str:
    """The mail's own HTML for the frame: links open in a new window, embedded pictures are put in place."""
    for name, (kind, picture) in embedded.items():
        html = html.replace(f"cid:{name}", f"data:{kind};base64,{base64.b64encode(picture).decode()}")
    return f'<base target="_blank">{html}'


def nothing_page() -> str:
    """For a number that no mail has."""
    return _page("Not here", '<main id="content"><h1>No such mail</h1><p><a href="/inbox">All mail</a></p></main>')


def _row(mail: dict[str, Any]) -> str:
    return (
        f'<li><a href="/inbox/{mail["id"]}"><span class="subject">{escape(mail["subject"] or "(no subject)")}</span>'
        f'{_time(mail["at"])}<span class="who">{escape(_people(mail["to"]))}</span></a></li>'
    )


def _people(names: Iterable[str]) -> str:
    return "to " + ", ".join(names)


def _time(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f'<time datetime="{moment.isoformat(timespec="seconds")}">{moment:%d %b %Y, %H:%M:%S} UTC</time>'


def _page(title: str, content: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Recoup practice mail</title><style>{_STYLE}</style></head>
<body><a class="skip" href="#content">Skip to the content</a>{content}</body></html>"""
