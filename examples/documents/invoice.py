"""What is looked for in an invoice, and the rules that it must keep."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

_LABELS = {
    "number": r"invoice\s*(?:no|number|nr)\.?\s*[:#]?\s*([A-Z0-9][A-Z0-9/-]{2,30})",
    "issued": r"date\s*[:.]?\s*(\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})",
    "tax_id": r"(?:tax|vat)\s*id\s*[:.]?\s*([A-Z]{2}[A-Z0-9]{8,12})",
    "net": r"net\s*(?:amount)?\s*[:.]?\s*(?:EUR|€)?\s*([\d.,]+)",
    "tax": r"(?:tax|vat)\s*(?:amount)\s*[:.]?\s*(?:EUR|€)?\s*([\d.,]+)",
    "total": r"total\s*(?:due)?\s*[:.]?\s*(?:EUR|€)?\s*([\d.,]+)",
}
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Invoice:
    """The fields that were found; None: not there."""

    number: str | None
    issued: str | None
    tax_id: str | None
    net: str | None
    tax: str | None
    total: str | None

    @property
    def completeness(self) -> float:
        """The share of the fields that were found."""
        found = asdict(self).values()
        return sum(value is not None for value in found) / len(found)


def read_invoice(text: str) -> Invoice:
    """Find the fields in a text."""
    found = {name: re.search(pattern, text, re.IGNORECASE) for name, pattern in _LABELS.items()}
    words = {name: match.group(1).strip() if match else None for name, match in found.items()}
    for name in ("net", "tax", "total"):
        words[name] = _amount(words[name])
    words["issued"] = _day(words["issued"])
    return Invoice(**words)


def broken_rules(invoice: Invoice, today: date) -> list[str]:
    """What is wrong with it, in sentences."""
    wrong: list[str] = []
    if invoice.net and invoice.tax and invoice.total:
        expected = Decimal(invoice.net) + Decimal(invoice.tax)
        if abs(expected - Decimal(invoice.total)) > _CENT:
            wrong.append(f"Net and tax make {expected}, but the total says {invoice.total}.")
    if invoice.issued and date.fromisoformat(invoice.issued) > today:
        wrong.append(f"It is dated in the future: {invoice.issued}.")
    if invoice.total and Decimal(invoice.total) <= 0:
        wrong.append("There is nothing to pay.")
    return wrong


def _amount(text: str | None) -> str | None:
    """`1,234.50` and `1.234,50` as `1234.50`."""
    if text is None:
        return None
    digits = re.sub(r"[.,](?=\d{3}\b)", "", text.strip(".,")).replace(",", ".")
    return str(Decimal(digits).quantize(_CENT)) if re.fullmatch(r"\d{1,12}(\.\d{1,4})?", digits) else None


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    parts = [int(part) for part in re.split(r"[-./]", text)]
    year, month, day = parts if parts[0] > 31 else reversed(parts)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
