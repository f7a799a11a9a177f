"""Fields and rules of the example's invoices."""

from datetime import date

import pytest
from examples.documents.invoice import broken_rules, read_invoice

TODAY = date(2026, 11, 21)
TEXT = """
    Invoice No. 2026/0042      Date: 03.09.2026
    VAT ID DE123456789
    Net: 1.234,50 €
    VAT amount: 259.25
    TOTAL DUE EUR 1,493.75
"""


def test_fields_are_found_however_they_are_written() -> None:
    invoice = read_invoice(TEXT)
    assert (invoice.number, invoice.issued, invoice.tax_id) == ("2026/0042", "2026-09-03", "DE123456789")
    assert (invoice.net, invoice.tax, invoice.total) == ("1234.50", "259.25", "1493.75")
    assert invoice.completeness == 1.0
    assert broken_rules(invoice, TODAY) == []


def test_what_is_not_there_is_left_out_and_counted() -> None:
    invoice = read_invoice("Total: 12.00\nDate: 45.99.2026")
    assert (invoice.total, invoice.issued, invoice.number) == ("12.00", None, None)
    assert invoice.completeness == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1,493.75", "1,593.75", "Net and tax make 1493.75, but the total says 1593.75."),
        ("03.09.2026", "2027-01-01", "It is dated in the future: 2027-01-01."),
        ("1,493.75", "0.00", "There is nothing to pay."),
    ],
)
def test_a_broken_rule_is_told_in_a_sentence(old: str, new: str, said: str) -> None:
    assert said in broken_rules(read_invoice(TEXT.replace(old, new)), TODAY)
