"""Bringing orders in from a file, in four looks: send it, say which column is what, see what would happen, and watch.

Nothing is stored before the last yes. The worker does it; the page only shows how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from recoup.access.resources import Company
from recoup.kernel.clock import now
from recoup.kernel.errors import Refusal
from recoup.kernel.money import spoken
from recoup.orders import actions, importing, queries
from recoup.orders.gateways import order_files
from recoup.orders.gateways.order_files import FileRefused, Table
from recoup.refunds import queries as cases
from recoup.web.staff import columns
from recoup.web.staff.desk import Desk, at_desk

SHOWN, ORDERS_MAX, NOTES_MAX, SAMPLE = 5, 2_000, 50, 3
#: Where companies' clocks stand, until they say otherwise.
ZONES = {"SG": "Asia/Singapore", "MY": "Asia/Kuala_Lumpur", "GB": "Europe/London", "US": "America/New_York"}


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label="Your file",
        help_text="CSV, up to 20 MB. The first line names the columns; one row is one item of an order.",
        error_messages={"required": "Please choose a file.", "empty": "This file is empty."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )


class ColumnsForm(forms.Form):
    """Which column says what."""

    def __init__(self, *told: Any, table: Table, **more: Any) -> None:
        super().__init__(*told, **more)
        for part in columns.PARTS:
            none = "" if part.is_needed else "None"
            choices = [("", none or "Please choose")] + [(name, name) for name in table.columns if name]
            self.fields[part.key] = forms.ChoiceField(
                label=part.words if part.is_needed else f"{part.words} (if there is one)",
                help_text=part.hint,
                choices=choices,
                required=part.is_needed,
                error_messages={"required": "Please choose the column.", "invalid_choice": "Please choose a column."},
            )
        self.fields["dates"] = forms.ChoiceField(
            label="How dates are written", choices=list(columns.DATES.items()), required=False
        )
        self.fields["zone"] = forms.CharField(
            label="Where your shop's clock stands",
            help_text="For times without an offset: like Asia/Singapore.",
            max_length=60,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def clean_zone(self) -> str:
        typed = str(self.cleaned_data["zone"]).strip()
        if typed not in available_timezones():
            raise forms.ValidationError("There is no such place. Write it like Asia/Singapore or Europe/London.")
        return typed

    @property
    def chosen(self) -> dict[str, str]:
        """Part by part, the column."""
        return {part.key: self.cleaned_data[part.key] for part in columns.PARTS if self.cleaned_data[part.key]}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order as it would be stored, in the preview."""

    number: str
    placed_at: Any
    email: str
    items: str
    paid: str


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("orders:read", "orders:write")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How many orders are here and what came in; a new file is sent here."""
    desk.need("orders:read", Company(desk.company.id))
    form = FileForm()
    if request.method == "POST":
        desk.need("orders:write", Company(desk.company.id))
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            file: UploadedFile[bytes] = form.cleaned_data["file"]
            try:
                key = order_files.keep(file.chunks(), merchant_id=desk.company.id, at=now())
            except FileRefused as refusal:
                form.add_error("file", f"{refusal.detail}.")
            else:
                request.session[_name_of(key)] = str(file.name)[:100]
                return redirect(f"/staff/orders/files/{UUID(key)}")
    runs = queries.imports(merchant_id=desk.company.id)
    context = {
        "staff_name": desk.name,
        "company": desk.company,
        "form": form,
        "orders": queries.count_orders(merchant_id=desk.company.id),
        "runs": runs,
        "names": cases.names_of(merchant_id=desk.company.id, actors={run.asked_by for run in runs if run.asked_by}),
        "may_bring": desk.may("orders:write"),
    }
    return render(request, "staff/orders.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("orders:write")
def file(request: HttpRequest, desk: Desk, file_key: UUID) -> HttpResponse:
    """Which column says what, then what would happen; "Bring them in" puts the file in line. Raises NotFound."""
    table = order_files.look(file_key.hex, merchant_id=desk.company.id)
    if request.method != "POST":
        guessed = columns.guess(table.columns)
        first = guessed | {
            "dates": columns.guess_dates(table, guessed.get("placed_at", "")),
            "zone": ZONES.get(desk.company.country, "UTC"),
        }
        return _columns_page(request, desk, table, ColumnsForm(table=table, initial=first))
    form = ColumnsForm(request.POST, table=table)
    if not form.is_valid():
        return _columns_page(request, desk, table, form)
    mapping = columns.mapping_of(
        form.chosen,
        table,
        dates=form.cleaned_data["dates"],
        zone=form.cleaned_data["zone"],
        currency=desk.company.currency,
    )
    if request.POST.get("step") == "bring":
        return _put_in_line(request, desk, file_key.hex, table, mapping)
    try:
        found = importing.preview(
            order_files.path_of(file_key.hex, merchant_id=desk.company.id),
            mapping=mapping,
            shown=SHOWN,
            orders_max=ORDERS_MAX,
            notes_max=NOTES_MAX,
        )
    except Refusal as refusal:
        form.add_error(None, f"{refusal.detail}.")
        return _columns_page(request, desk, table, form)
    return _columns_page(request, desk, table, form, found)


@require_safe
@at_desk("orders:read")
def run(request: HttpRequest, desk: Desk, run_id: UUID) -> HttpResponse:
    """How far an import is, and in the end what came of it. Raises NotFound."""
    found = queries.import_run(merchant_id=desk.company.id, run_id=run_id)
    context = {"staff_name": desk.name, "company": desk.company, "run": found}
    return render(request, "staff/order_import.html", context)


def _put_in_line(request: HttpRequest, desk: Desk, key: str, table: Table, mapping: dict[str, Any]) -> HttpResponse:
    run_id = actions.ask_for_import(
        merchant_id=desk.company.id,
        file_name=request.session.pop(_name_of(key), "orders.csv"),
        file_key=key,
        file_hash=order_files.digest(key, merchant_id=desk.company.id),
        bytes_in_all=table.bytes_in_all,
        mapping=mapping,
        by=desk.actor,
        at=now(),
    )
    return redirect(f"/staff/orders/imports/{run_id}")


def _columns_page(
    request: HttpRequest, desk: Desk, table: Table, form: ColumnsForm, found: importing.Preview | None = None
) -> HttpResponse:
    context = {
        "staff_name": desk.name,
        "company": desk.company,
        "form": form,
        "columns": table.columns,
        "sample": table.rows[:SAMPLE],
        "preview": found,
        "orders": [_as_row(order) for order in found.orders] if found else [],
    }
    return render(request, "staff/order_file.html", context, status=422 if form.errors else 200)


def _as_row(order: Any) -> OrderRow:
    document = order.document
    items = ", ".join(f"{line.quantity}x {line.title or line.sku}" for line in document.lines[:3])
    more = len(document.lines) - 3
    return OrderRow(
        number=document.number,
        placed_at=document.placed_at,
        email=document.email,
        items=f"{items} and {more} more" if more > 0 else items,
        paid=spoken(order.paid_minor, document.currency),
    )


def _name_of(key: str) -> str:
    return f"order_file_{key}"
