"""Limits as they are typed: amounts in the company's currency, nothing for no limit."""

from __future__ import annotations

from typing import Any

from django import forms

from recoup.kernel.money import NotAnAmount, minor_from_text, text_from_minor
from recoup.merchants.actions.set_approval_limits import LIMIT_MAX, RISK_MAX
from recoup.merchants.queries import Limits
from recoup.refunds.policy import Reason
from recoup.web.shopper import reasons


class Amount(forms.CharField):
    """An amount in a currency, or nothing; the cleaned value is in minor units, or None."""

    currency = "XXX"

    def __init__(self, **more: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(required=False, max_length=20, widget=forms.TextInput(attrs=attrs), **more)

    def clean(self, value: Any) -> Any:
        typed = str(super().clean(value)).replace(",", "").strip()
        if not typed:
            return None
        try:
            minor = minor_from_text(typed, self.currency)
        except NotAnAmount:
            raise forms.ValidationError(f"Write an amount in {self.currency}, like 500, or leave it empty.") from None
        if not 0 <= minor <= LIMIT_MAX:
            raise forms.ValidationError("A limit is an amount of 0 or more, and not larger than anybody ever paid.")
        return minor


class InCurrency(forms.Form):
    """A form whose amounts are in the company's currency."""

    def __init__(self, *told: Any, currency: str, **more: Any) -> None:
        super().__init__(*told, **more)
        for field in self.fields.values():
            if isinstance(field, Amount):
                field.currency = currency


class LimitsForm(InCurrency):
    """All limits of a company."""

    reviewer_limit_minor = Amount(label="A reviewer may approve alone up to", help_text="Empty: no limit.")
    manager_limit_minor = Amount(label="A manager may approve alone up to", help_text="Empty: no limit.")
    key_limit_minor = Amount(
        label="One of your servers may approve up to",
        help_text="Empty: no limit. A key can have a lower one of its own.",
    )
    four_eyes_from_minor = Amount(
        label="Two people have to approve from", help_text="Empty: one is enough, within their limit."
    )
    four_eyes_from_risk = forms.IntegerField(
        label="Two people have to approve from a risk score of",
        help_text="The weights of a case's risk signals, added up. Empty: whatever the risk.",
        required=False,
        min_value=0,
        max_value=RISK_MAX,
    )
    four_eyes_reasons = forms.MultipleChoiceField(
        label="Two people have to approve requests with these reasons",
        required=False,
        choices=[(reason.value, reasons.in_words(reason.value)) for reason in Reason],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="Why (optional, your colleagues read it)", required=False, max_length=500)

    @classmethod
    def of(cls, limits: Limits, *, currency: str) -> LimitsForm:
        """The form as it would be typed for these limits."""
        initial = {
            name: text_from_minor(minor, currency)
            for name, field in cls.base_fields.items()
            if isinstance(field, Amount) and (minor := getattr(limits, name)) is not None
        }
        rest = {"four_eyes_from_risk": limits.four_eyes_from_risk, "four_eyes_reasons": limits.four_eyes_reasons}
        return cls(initial={**initial, **rest}, currency=currency)

    def limits(self) -> Limits:
        """What was typed."""
        told = {name: value for name, value in self.cleaned_data.items() if name not in ("note", "four_eyes_reasons")}
        return Limits(**told, four_eyes_reasons=tuple(self.cleaned_data["four_eyes_reasons"]))


class OwnLimit(InCurrency):
    """One person's own limit."""

    limit = Amount(label="Own limit")

    def minor(self) -> int | None:
        """What was typed."""
        return self.cleaned_data["limit"]  # type: ignore[no-any-return]
