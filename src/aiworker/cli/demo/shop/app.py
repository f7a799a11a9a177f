"""Bean & Leaf: a shop window on one page, with nothing but Python's standard library."""

import os
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

from catalogue import PRODUCTS, Product, price_label

HERE = Path(__file__).parent
CARD = Template("""
      <li>
        <span class="label" style="background: $colour"></span>
        <h2>$name</h2>
        <p>$note</p>
        <strong>$price</strong>
      </li>""")


def card(product: Product) -> str:
    """One product as a card."""
    return CARD.substitute(
        colour=product.colour,
        name=escape(product.name),
        note=escape(product.note),
        price=escape(price_label(product)),
    )


def page() -> str:
    """The whole page."""
    template = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(cards="".join(card(product) for product in PRODUCTS))


class Shop(BaseHTTPRequestHandler):
    """Answers `/` and `/style.css`."""

    def do_GET(self) -> None:
        """The page, its style, or 404."""
        if self.path == "/":
            self.answer(200, "text/html", page())
        elif self.path == "/style.css":
            self.answer(200, "text/css", (HERE / "style.css").read_text(encoding="utf-8"))
        else:
            self.answer(404, "text/plain", "There is nothing here.\n")

    def answer(self, status: int, kind: str, text: str) -> None:
        """Send one answer."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))), Shop)
    host, port = server.server_address[:2]
    print(f"Bean & Leaf is open at http://{host}:{port}", flush=True)
    server.serve_forever()
