"""The app under test is `total`: it asks a cart service what is in the cart, and reports what it showed."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class CartService(BaseHTTPRequestHandler):
    """The backend: in your tests, whatever your app talks to."""

    def do_GET(self):
        self.answer({"items": [{"name": "tea", "price": 4.5}, {"name": "cup", "price": 12}], "currency": "EUR"})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"ok": True})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def backend():
    server = ThreadingHTTPServer(("127.0.0.1", 0), CartService)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def total(http, backend) -> str:
    """The app: any program that can be given a proxy."""
    cart = http.get(f"{backend}/cart", params={"user": 7}).json()
    shown = f"{sum(item['price'] for item in cart['items'])} {cart['currency']}"
    http.post(f"{backend}/statistics", json={"event": "cart_shown", "total": shown})
    return shown


def test_one_price_is_mocked_and_all_else_stays_live(proxy, backend):
    proxy.mock({"command": "/cart", "params": {"user": 7}}, response={"modify": {"$.items[0].price": 99.5}})

    with proxy.events("response") as events:
        assert total(proxy.http(), backend) == "111.5 EUR"
        assert next(events)["status"] == 200

    [sent] = proxy.expect({"method": "POST", "command": "/statistics", "json_params": {"$.total": "111.5 EUR"}})
    entries = proxy.har()["log"]["entries"]
    assert entries[sent.index]["request"]["postData"]["text"] == '{"event": "cart_shown", "total": "111.5 EUR"}'


def test_the_app_waits_for_a_slow_network(proxy, backend):
    proxy.link(rtt="300ms")
    begun = time.monotonic()
    assert total(proxy.http(), backend) == "16.5 EUR"
    assert time.monotonic() - begun > 0.3


def test_no_statistics_are_sent_for_an_empty_cart(proxy, backend):
    proxy.mock({"command": "/cart"}, response={"status": 404, "response": {"json": {"items": []}}})
    proxy.http().get(f"{backend}/cart")
    proxy.expect({"command": "/statistics"}, count={"max": 0}, within="200ms")
