"""API keys that sign with Ed25519 and RSA, and a listen key, through an unmodified ccxt.

The operator registers the public key beside the running exchange; the client keeps the private one. REST with the
synchronous client, then the WebSocket API with ccxt.pro.

Environment: RIALTO_URL, RIALTO_BINARY and RIALTO_DATA.
Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import traceback

import ccxt
import ccxt.pro
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

URL = os.environ["RIALTO_URL"].rstrip("/")
SOCKETS = "ws" + URL.removeprefix("http")
ACCOUNT = "1000"  # alice
MARKET = "BTC/USDT"


def holds(what, condition, seen):
    """One assertion: fails with what was expected and what was seen."""
    if not condition:
        raise AssertionError(f"{what}; seen: {seen!r}")


def settings(key, secret):
    """What points ccxt at another host, and keeps it to the spot markets; nothing else is changed."""
    rest = {name: URL + "/api/v3" for name in ("public", "private", "v1")}
    sockets = {"spot": SOCKETS + "/ws", "ws-api": {"spot": SOCKETS + "/ws-api/v3"}}
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False}
    return {
        "apiKey": key,
        "secret": secret,
        "enableRateLimit": False,
        "urls": {"api": {**rest, "sapi": URL + "/sapi/v1", "ws": sockets}},
        "options": options,
        "number": str,
    }


def private_pem(key):
    """A private key as ccxt takes it."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def register(label, private, *more):
    """Registers the public key as an operator does; gives the API key."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(private.public_key().public_bytes(serialization.Encoding.PEM, form))
        file.flush()
        command = [os.environ["RIALTO_BINARY"], "keys", "add", "--data", os.environ["RIALTO_DATA"]]
        command += ["--account", ACCOUNT, "--label", label, "--public-key", file.name, *more]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RIALTO_")}
        said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return said.split()[0].removeprefix("key=")


def over_rest(key, secret, stranger):
    """Reads, places and cancels with the key; another private key is refused."""
    client = ccxt.binance(settings(key, secret))
    balance = client.fetch_balance()
    holds("alice has BTC", float(balance["BTC"]["total"]) > 0, balance["BTC"])
    order = client.create_order(MARKET, "limit", "buy", "0.001", "20000", {"newClientOrderId": "a/b:c"})
    holds("the order is open", order["status"] == "open", order)
    names = [one["clientOrderId"] for one in client.fetch_open_orders(MARKET)]
    holds("it is listed", "a/b:c" in names, names)
    ended = client.cancel_order(order["id"], MARKET)
    holds("it is cancelled", ended["status"] == "canceled", ended)
    try:
        seen = ccxt.binance(settings(key, stranger)).fetch_balance()
    except ccxt.AuthenticationError as error:
        holds("the code says that the signature is wrong", "-1022" in str(error), str(error))
    else:
        raise AssertionError(f"another private key must be refused; seen: {seen!r}")


def read_only(key, secret):
    """A key that may look may not trade."""
    client = ccxt.binance(settings(key, secret))
    holds("it reads", client.fetch_open_orders(MARKET) == [], "orders")
    try:
        seen = client.create_order(MARKET, "limit", "buy", "0.001", "20000")
    except ccxt.BaseError as error:
        # ccxt takes -2015 for a ban once a request of the client has succeeded.
        holds("the code says that it may not", "-2015" in str(error), str(error))
    else:
        raise AssertionError(f"it must not trade; seen: {seen!r}")


def listen_key(key, secret):
    """A listen key is made, found again, kept alive and closed."""
    client = ccxt.binance(settings(key, secret))
    name = client.public_post_userdatastream()["listenKey"]
    again = client.public_post_userdatastream()["listenKey"]
    holds("an account has one listen key", name == again, (name, again))
    holds("it is kept alive", client.public_put_userdatastream({"listenKey": name}) == {}, name)
    holds("it is closed", client.public_delete_userdatastream({"listenKey": name}) == {}, name)
    try:
        seen = client.public_put_userdatastream({"listenKey": name})
    except ccxt.ExchangeError as error:
        holds("the code says that it is gone", "-1125" in str(error), str(error))
    else:
        raise AssertionError(f"a closed listen key must be refused; seen: {seen!r}")


async def over_sockets(key, secret):
    """Orders over the WebSocket API, and what the account's events tell of them."""
    client = ccxt.pro.binance(settings(key, secret))
    try:
        await client.load_markets()
        watched = asyncio.create_task(client.watch_orders(MARKET))
        # The first event may only be missed before the subscription stands; orders are placed until one is heard.
        for _ in range(100):
            order = await client.create_order_ws(MARKET, "limit", "buy", "0.001", "20000")
            ended = await client.cancel_order_ws(order["id"], MARKET)
            holds("it is cancelled", ended["status"] == "canceled", ended)
            done, _ = await asyncio.wait([watched], timeout=0.2)
            if done:
                break
        told = (await asyncio.wait_for(watched, 20))[-1]
        holds("the order is told", told["symbol"] == MARKET and told["side"] == "buy", told)
        # ccxt reads no balances of spot out of account.status; what it was told is there.
        account = (await client.fetch_balance_ws())["info"]
        holds("it is the account", account["uid"] == int(ACCOUNT) and account["balances"], account)
    finally:
        await client.close()


def main():
    """Every kind of key by every way."""
    strangers = {"ed25519": ed25519.Ed25519PrivateKey.generate(), "rsa": rsa.generate_private_key(65537, 2048)}
    pairs = {"ed25519": ed25519.Ed25519PrivateKey.generate(), "rsa": rsa.generate_private_key(65537, 4096)}
    for kind, pair in pairs.items():
        secret, key = private_pem(pair), register(kind, pair)
        print(f"  {kind} over REST", flush=True)
        over_rest(key, secret, private_pem(strangers[kind]))
        read_only(register(f"{kind} looks", pair, "--read-only"), secret)
        listen_key(key, secret)
        print(f"  {kind} over the WebSocket API", flush=True)
        asyncio.run(over_sockets(key, secret))
    print("everything holds")


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
