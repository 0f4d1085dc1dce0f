"""Words in column names that hint at what a column is. They decide only what the values leave open."""

from __future__ import annotations

import re

TITLE = re.compile(r"title|name|label|product|item|bezeichnung|titel|description|descr|article|artikel", re.I)
CODE = re.compile(r"code|sku|asin|ean|gtin|upc|ref|number|nummer|artikelnr|(?:^|_| )id(?:$|_| )", re.I)
PICTURE = re.compile(r"image|img|photo|picture|pic|thumb|bild|foto", re.I)
PRICE = re.compile(
    r"price|prix|preis|precio|prezzo|cost|msrp|rrp|amount|(?:^|[_ ])(?:list|now|was)(?:$|[_ ])", re.I
)
FULL = re.compile(r"full|list|original|was|before|regular|msrp|rrp|compare|initial|uvp|alt", re.I)
PAID = re.compile(r"now|sale|paid|current|offer|discounted|reduced|final|special|aktion", re.I)
DISCOUNT = re.compile(r"discount|sale|reduced|rabatt|promo|markdown|offer", re.I)
CURRENCY = re.compile(
    r"(?:^|[^a-z])(usd|eur|gbp|jpy|cny|chf|aud|cad|sek|nok|dkk|pln|hkd|sgd|krw|inr|brl|mxn|try|aed)(?:$|[^a-z])",
    re.I,
)


def currency_of(name: str) -> str:
    """The currency that a column's name says, in capitals; empty where it says none."""
    found = CURRENCY.search(name)
    return found[1].upper() if found else ""
