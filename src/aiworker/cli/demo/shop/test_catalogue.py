"""`python3 -m unittest` runs these."""

import unittest

from catalogue import PRODUCTS, euros, price_label


class CatalogueTest(unittest.TestCase):
    """The catalogue says what a customer needs to know."""

    def test_every_product_has_a_price(self) -> None:
        self.assertTrue(all(product.cents > 0 for product in PRODUCTS))

    def test_amounts_show_two_digits_after_the_point(self) -> None:
        self.assertEqual(euros(480), "€4.80")
        self.assertEqual(euros(1105), "€11.05")

    def test_the_price_tells_about_tax(self) -> None:
        self.assertEqual(price_label(PRODUCTS[0]), "€8.50 plus tax")


if __name__ == "__main__":
    unittest.main()
