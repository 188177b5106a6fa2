"""The account's stream by listen key, keys that sign with Ed25519 and RSA, and the WebSocket API's other calls, through an
unmodified binance-connector.

Environment: as in life.py, and RIALTO_DATA. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import logging
import os
import subprocess
import tempfile
from decimal import Decimal as D

from binance.error import ClientError
from binance.spot import Spot
from binance.websocket.spot.websocket_api import SpotWebsocketAPIClient
from binance.websocket.spot.websocket_stream import SpotWebsocketStreamClient
from Crypto.PublicKey import ECC, RSA

from binance_connector_life import SYMBOL, Socket, fails, limit
from life import KEYS, SOCKETS, URL, Ledger, equal, eventually, fee, fields, run, step


def told(socket, what, event, **wanted):
    return socket.find(what, e=event, **wanted)


def listen_key(alice, bob, ledger):
    step("new_listen_key, renew_listen_key, user_data, close_listen_key")
    key = bob.new_listen_key()["listenKey"]
    equal("an account has one listen key", bob.new_listen_key()["listenKey"], key)
    equal("renew_listen_key", bob.renew_listen_key(key), {})
    with Socket(SpotWebsocketStreamClient, stream_url=SOCKETS) as socket:
        socket.client.user_data(key, id=1)
        equal("subscribed", socket.answer(1), {"result": None, "id": 1})
        sell = alice.new_order(**limit("SELL", "0.02", "50000"))
        buy = bob.new_order(**limit("BUY", "0.01", "50000"))
        fields("NEW", told(socket, "the order", "executionReport", x="NEW", i=buy["orderId"]), X="NEW", q=D("0.01"), p=D(50000))
        trade = told(socket, "the trade", "executionReport", x="TRADE", i=buy["orderId"])
        fields("TRADE", trade, X="FILLED", l=D("0.01"), L=D(50000), n=fee(D("0.01")), N="BTC", m=False, Z=D(500))
        ledger.trade(D(50000), D("0.01"), "bob", "alice")
        position = told(socket, "bob's funds after the trade", "outboundAccountPosition", u=trade["T"])
        free = {one["a"]: D(one["f"]) for one in position["B"]}
        equal("bob's BTC", free["BTC"], ledger.funds["bob"]["BTC"][0])
        equal("alice is not heard", [one for one in socket.messages if one.get("i") == sell["orderId"]], [])
    alice.cancel_open_orders(SYMBOL)
    equal("close_listen_key", bob.close_listen_key(key), {})
    fails("a listen key that was closed", -1125, None, bob.renew_listen_key, key)
    ledger.compare("the account's stream")


def socket_api(bob, ledger):
    step("websocket API client: numbers as numbers, listen keys, market data, refusals")
    key, secret = KEYS["bob"]
    with Socket(SpotWebsocketAPIClient, stream_url=SOCKETS + "/ws-api/v3", api_key=key, api_secret=secret) as socket:
        client = socket.client
        client.new_order(SYMBOL, "BUY", "LIMIT", timeInForce="GTC", quantity=0.01, price=40000, newClientOrderId="numbers", id=1)
        fields("an order", socket.answer(1)["result"], clientOrderId="numbers", status="NEW", price=D(40000), origQty=D("0.01"))
        ledger.lock("bob", "USDT", D(400))
        ledger.compare("an order of numbers")
        client.cancel_order(SYMBOL, origClientOrderId="numbers", id="two")
        fields("a cancel", socket.answer("two")["result"], status="CANCELED")
        ledger.lock("bob", "USDT", D(-400))
        client.new_order(SYMBOL, "BUY", "LIMIT", timeInForce="GTC", quantity="0.00001", price="40000", id=3)
        refused = socket.answer(3)
        equal("a refusal", (refused["status"], refused["error"]), (400, {"code": -1013, "msg": "Filter failure: NOTIONAL"}))
        client.user_data_start(id=4)
        listen = socket.answer(4)["result"]["listenKey"]
        client.user_data_ping(listen, id=5)
        fields("user_data_ping", socket.answer(5), status=200)
        client.user_data_stop(listen, id=6)
        fields("user_data_stop", socket.answer(6), status=200)
        client.order_book(SYMBOL, limit=5, id=7)
        fields("order_book", socket.answer(7)["result"], bids=[], asks=[])
        client.klines(SYMBOL, "1d", id=8)
        equal("klines", len(socket.answer(8)["result"]), 1)
        client.recent_trades(SYMBOL, id=9)
        fields("recent_trades", socket.answer(9)["result"][-1], price=D(50000), qty=D("0.01"))
        client.ticker_price(symbol=SYMBOL, id=10)
        fields("ticker_price", socket.answer(10)["result"], symbol=SYMBOL, price=D(50000))
        mine = eventually("my_trades", lambda: bob.my_trades(SYMBOL))
        client.my_trades(symbol=SYMBOL, id=11)
        equal("my_trades", socket.answer(11)["result"], mine)
    ledger.compare("the WebSocket API")


def register(label, public_key):
    """Registers alice's public key as an operator does, beside the running exchange; returns the API key."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RIALTO_")}
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(public_key)
        file.flush()
        command = [os.environ["RIALTO_BINARY"], "keys", "add", "--data", os.environ["RIALTO_DATA"], "--account", "1000",
                   "--label", label, "--public-key", file.name]
        said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return next(word.removeprefix("key=") for word in said.split() if word.startswith("key="))


def public_keys(ledger):
    step("keys that sign with Ed25519 and RSA")
    ed25519, rsa = ECC.generate(curve="Ed25519"), RSA.generate(2048)
    for label, private, public in (
        ("ed25519", ed25519.export_key(format="PEM"), ed25519.public_key().export_key(format="PEM")),
        ("rsa", rsa.export_key(pkcs=8).decode(), rsa.public_key().export_key().decode()),
    ):
        client = Spot(register(label, public), private_key=private, base_url=URL)

        def known():
            try:
                return client.account()
            except ClientError as error:
                # A running exchange learns of a new key within seconds.
                equal("a key that is not known yet", error.error_code, -2015)

        eventually(f"the key of {label} is known", known)
        placed = client.new_order(**limit("BUY", "0.01", "40000", newClientOrderId="a/b:c"))
        fields("an order", client.cancel_order(SYMBOL, orderId=placed["orderId"]), origClientOrderId="a/b:c", status="CANCELED")
        other = Spot(client.api_key, private_key=ECC.generate(curve="Ed25519").export_key(format="PEM"), base_url=URL)
        fails("another private key", -1022, "Signature for this request is not valid.", other.account)
    ledger.compare("other keys")


def main():
    logging.disable()
    people = {name: Spot(*keys, base_url=URL) for name, keys in KEYS.items()}
    read = lambda name: {one["asset"]: [D(one["free"]), D(one["locked"])] for one in people[name].account()["balances"]}
    ledger = Ledger(read)
    listen_key(people["alice"], people["bob"], ledger)
    socket_api(people["bob"], ledger)
    public_keys(ledger)


if __name__ == "__main__":
    run(main)
