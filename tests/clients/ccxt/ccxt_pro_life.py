"""The life of two accounts on BTC/USDT through the WebSocket API of an unmodified ccxt.pro: orders, and what is told of them.

Every order, trade and balance is compared exactly, as a decimal, with what the rules of the exchange say it must be.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import asyncio
from decimal import Decimal as D

import ccxt
import ccxt.pro

from life import KEYS, SOCKETS, URL, Ledger, equal, exact, fee, fields, holds, later, run, step

MARKET = "BTC/USDT"


def client(key, secret):
    rest = {name: URL + "/api/v3" for name in ("public", "private", "v1")}
    return ccxt.pro.binance({
        "apiKey": key, "secret": secret, "enableRateLimit": False,
        "urls": {"api": {**rest, "ws": {"spot": SOCKETS + "/ws", "margin": SOCKETS + "/ws",
                                        "ws-api": {"spot": SOCKETS + "/ws-api/v3"}}}},
        "options": {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False,
                    "fetchOpenOrders": {"warnWithoutSymbol": False}},
    })


class Followed:
    """One of ccxt's streams, watched in the background; keeps all that it told."""

    def __init__(self, watch, *arguments):
        self.told = []
        self.task = asyncio.create_task(self.follow(watch, arguments))

    async def follow(self, watch, arguments):
        while True:
            self.told.append(await watch(*arguments))

    async def find(self, what, good):
        """The newest thing told for which `good` gives something true: that."""

        def probe():
            if self.task.done():
                self.task.result()
            return next(filter(None, map(good, reversed(self.told))), None)

        try:
            return await later(what, probe)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.told}") from None

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def fails(what, kind, text, call):
    """A call that must raise exactly this exception of ccxt, with this text in it."""
    try:
        answer = await call
    except ccxt.BaseError as error:
        equal(f"{what}: exception for {error}", type(error), kind)
        holds(f"{what}: the text must hold {text!r}", text in str(error), str(error))
    else:
        raise AssertionError(f"{what} must raise {kind.__name__}; seen: {answer!r}")


class Life:
    """Both accounts, each behind a client of its own, and what they must own."""

    def __init__(self, people):
        self.alice, self.bob = people["alice"], people["bob"]

    async def begin(self):
        self.seen = {}
        await self.look()
        self.ledger = Ledger(self.seen.get)

    async def look(self):
        for name in KEYS:
            balance = await getattr(self, name).fetch_balance()
            self.seen[name] = {asset: [exact(balance[asset]["free"]), exact(balance[asset]["used"])] for asset in ("BTC", "USDT")}

    async def compare(self, after):
        await self.look()
        self.ledger.compare(after)


async def orders_by_socket(life):
    step("create_order_ws, edit_order_ws, fetch_order_ws, cancel_order_ws and what the account is told")
    alice, bob, ledger = life.alice, life.bob, life.ledger
    orders, mine, balances = Followed(bob.watch_orders), Followed(bob.watch_my_trades), Followed(bob.watch_balance)
    await later("bob's stream", lambda: any(url.endswith("/ws-api/v3") and {"orders", "myTrades", "spot:balance"} <= set(one.futures)
                                            for url, one in bob.clients.items()))
    told = lambda order, status: lambda news: next((one for one in news if one["id"] == order["id"] and one["status"] == status), None)

    await alice.create_order_ws(MARKET, "limit", "sell", 0.02, 32000, {"test": True})
    sell = await alice.create_order_ws(MARKET, "limit", "sell", 0.02, 32000)
    fields("create_order_ws", sell, status="open", price=D(32000), amount=D("0.02"), filled=D(0))
    ledger.lock("alice", "BTC", D("0.02"))
    buy = await bob.create_order_ws(MARKET, "limit", "buy", 0.01, 31000)
    fields("bob is told of it", await orders.find("the order", told(buy, "open")), price=D(31000), amount=D("0.01"))
    edited = await bob.edit_order_ws(buy["id"], MARKET, "limit", "buy", 0.02, 31500)
    fields("edit_order_ws", edited, status="open", price=D(31500), amount=D("0.02"))
    await orders.find("the order that was edited", told(buy, "canceled"))
    fields("fetch_order_ws", await bob.fetch_order_ws(edited["id"], MARKET), status="open", price=D(31500), remaining=D("0.02"))
    equal("fetch_open_orders_ws", [one["id"] for one in await bob.fetch_open_orders_ws(MARKET)], [edited["id"]])
    ledger.lock("bob", "USDT", D(630))
    await life.compare("orders over the socket")
    fields("cancel_order_ws", await bob.cancel_order_ws(edited["id"], MARKET), status="canceled")
    await orders.find("the order that was cancelled", told(edited, "canceled"))
    ledger.lock("bob", "USDT", D(-630))

    taken = await bob.create_order_ws(MARKET, "market", "buy", 0.02)
    fields("a market order", taken, status="closed", filled=D("0.02"), cost=D(640))
    ledger.lock("alice", "BTC", -D("0.02"))
    ledger.trade(D(32000), D("0.02"), "bob", "alice")
    fields("bob is told of it", await orders.find("the market order", told(taken, "closed")), filled=D("0.02"), cost=D(640))
    trade = await mine.find("bob's trade", lambda news: next((one for one in news if one["order"] == taken["id"]), None))
    fields("watch_my_trades", trade, side="buy", takerOrMaker="taker", price=D(32000), amount=D("0.02"))
    fields("its fee", trade["fee"], cost=fee(D("0.02")), currency="BTC")
    free = ledger.funds["bob"]["BTC"][0]
    await balances.find("bob's BTC", lambda news: exact(news["BTC"]["free"]) == free)

    await bob.create_order_ws(MARKET, "limit", "buy", 0.01, 31000)
    equal("cancel_all_orders_ws", [one["status"] for one in await bob.cancel_all_orders_ws(MARKET)], ["canceled"])
    await fails("what one does not have", ccxt.InsufficientFunds, "insufficient balance",
                bob.create_order_ws(MARKET, "limit", "sell", 2000, 4000))
    await fails("an order that is gone", ccxt.OrderNotFound, "Unknown order sent.", bob.cancel_order_ws(edited["id"], MARKET))
    await fails("an unknown order", ccxt.OrderNotFound, "Order does not exist.", bob.fetch_order_ws("987654321", MARKET))
    equal("fetch_my_trades_ws", [one["order"] for one in await bob.fetch_my_trades_ws(MARKET)][-1], taken["id"])
    # ccxt leaves the balances of a spot account in Binance's form there.
    info = (await bob.fetch_balance_ws())["info"]
    equal("fetch_balance_ws", [exact(one["free"]) for one in info["balances"] if one["asset"] == "BTC"], [free])
    equal("fetch_ohlcv_ws", exact((await bob.fetch_ohlcv_ws(MARKET, "1h"))[-1][4]), D(32000))
    equal("fetch_trades_ws", exact((await bob.fetch_trades_ws(MARKET))[-1]["price"]), D(32000))
    for followed in (orders, mine, balances):
        await followed.stop()
    await life.compare("the account's streams")


async def main():
    people = {name: client(*keys) for name, keys in KEYS.items()}
    try:
        await asyncio.gather(*(one.load_markets() for one in people.values()))
        life = Life(people)
        await life.begin()
        await orders_by_socket(life)
    finally:
        await asyncio.gather(*(one.close() for one in people.values()))


if __name__ == "__main__":
    run(main)
