"""How many minor units make one unit, as Stripe counts them (https://docs.stripe.com/currencies), not as ISO 4217 does.

Differences that have cost others money: yen is not multiplied by 100; dinars have three decimals of which the last must
be 0; ISK and UGX are written with two decimals that must be 00.
"""

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
TWO_DECIMALS_ALWAYS_ZERO = frozenset("isk ugx".split())
TWO_DECIMAL = frozenset(
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc "
    "cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd "
    "kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php "
    "pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs "
    "wst yer zar zmw".split()
)
SYMBOLS = {"usd": "$", "gbp": "£", "eur": "€", "jpy": "¥", "sgd": "S$", "aud": "A$", "cad": "CA$", "krw": "₩"}


def is_known(currency: str) -> bool:
    """Whether the provider takes payments in this currency (lower case)."""
    return any(currency in group for group in (TWO_DECIMAL, ZERO_DECIMAL, THREE_DECIMAL, TWO_DECIMALS_ALWAYS_ZERO))


def exponent(currency: str) -> int:
    """Digits after the point in the provider's API."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def is_payable(amount_minor: int, currency: str) -> bool:
    """Whether the currency has such an amount at the provider."""
    if currency in THREE_DECIMAL:
        return amount_minor % 10 == 0
    return currency not in TWO_DECIMALS_ALWAYS_ZERO or amount_minor % 100 == 0


def in_words(amount_minor: int, currency: str) -> str:
    """`$20.00`, `¥500`, `BHD 1.230`: as the provider's error messages write it."""
    digits = exponent(currency)
    whole, rest = divmod(amount_minor, 10**digits)
    number = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{currency.upper()} {number}"
