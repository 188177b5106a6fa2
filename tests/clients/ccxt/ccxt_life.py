"""The life of two accounts, seen through an unmodified ccxt: REST on BTC/USDT, then ccxt.pro on ETH/USDT.

Every balance, fee and order is compared exactly, as a decimal, with what the rules of the exchange say it must be.

Environment: RIALTO_URL and RIALTO_KEY_A, RIALTO_SECRET_A (alice), RIALTO_KEY_B, RIALTO_SECRET_B (bob).
Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import asyncio
import os
import sys
import time
import traceback
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal as D

import ccxt
import ccxt.pro

URL = os.environ["RIALTO_URL"].rstrip("/")
SOCKETS = "ws" + URL.removeprefix("http")
KEYS = {
    "alice": (os.environ["RIALTO_KEY_A"], os.environ["RIALTO_SECRET_A"]),
    "bob": (os.environ["RIALTO_KEY_B"], os.environ["RIALTO_SECRET_B"]),
}
MARKETS = {"BTC/USDT", "ETH/USDT", "ETH/BTC", "SOL/USDT", "XMR/BTC"}
MARKET = "BTC/USDT"
LIVE = "ETH/USDT"
UNIT = D("0.00000001")  # one ledger unit of BTC and of USDT

checks = 0


def holds(what, condition, seen=""):
    """One assertion: fails with what was expected and what was seen."""
    global checks
    checks += 1
    if not condition:
        raise AssertionError(f"{what}; seen: {seen}" if seen != "" else what)


def equal(what, seen, wanted):
    """Equality of any two values."""
    holds(f"{what} must be {wanted!r}", seen == wanted, repr(seen))


def fails(what, kind, text, call, *arguments, **parameters):
    """A call that must raise exactly this exception of ccxt, with this text in it."""
    try:
        answer = call(*arguments, **parameters)
    except ccxt.BaseError as error:
        equal(f"{what}: exception for {error}", type(error).__name__, kind.__name__)
        holds(f"{what}: the text must hold {text!r}", text in str(error), str(error))
        return
    raise AssertionError(f"{what} must raise {kind.__name__}; seen: {answer!r}")


def eventually(what, probe, limit=10.0):
    """Repeats a probe until it returns something true: history may lag behind the books."""
    deadline = time.monotonic() + limit
    while True:
        seen = probe()
        if seen:
            return seen
        holds(f"{what} (waited {limit} s)", time.monotonic() < deadline)
        time.sleep(0.05)


def exact(value):
    """A number of ccxt as a decimal. Some are floats whatever is asked for: their shortest form is what was read."""
    return D(repr(value)) if isinstance(value, float) else D(value)


def step(name):
    print(f"  {name}", flush=True)


def settings(key, secret):
    """What points ccxt at another host, and keeps it to the spot markets; nothing else is changed."""
    rest = {name: URL + "/api/v3" for name in ("public", "private", "v1")}
    sapi = {name: f"{URL}/sapi/v{number}" for name, number in (("sapi", 1), ("sapiV2", 2), ("sapiV3", 3), ("sapiV4", 4))}
    sockets = {"spot": SOCKETS + "/ws", "margin": SOCKETS + "/ws", "ws-api": {"spot": SOCKETS + "/ws-api/v3"}}
    return {
        "apiKey": key,
        "secret": secret,
        # The limits of the server are what is tested, not those that the client keeps by itself.
        "enableRateLimit": False,
        "urls": {"api": {**rest, **sapi, "ws": sockets}},
        "options": {
            "fetchMarkets": {"types": ["spot"]},
            "fetchMargins": False,
            "fetchCurrencies": False,
            "fetchOpenOrders": {"warnWithoutSymbol": False},
        },
    }


def client(key, secret):
    """A client whose numbers are texts, so that none passes through a float."""
    return ccxt.binance({**settings(key, secret), "number": str})


class Ledger:
    """What both accounts must own: computed here from the rules, compared with what the exchange says."""

    def __init__(self, clients, maker, taker):
        self.clients, self.rate = clients, {"maker": maker, "taker": taker}
        self.funds = {name: self.read(one.fetch_balance()) for name, one in clients.items()}

    @staticmethod
    def read(balance):
        read = {asset: [D(balance[asset]["free"]), D(balance[asset]["used"])] for asset in ("BTC", "USDT")}
        for asset, (free, used) in read.items():
            equal(f"total of {asset}", D(balance["total"][asset]), free + used)
        return read

    def lock(self, name, asset, amount):
        """An order rests and keeps this amount; a negative amount is given back."""
        self.funds[name][asset][0] -= amount
        self.funds[name][asset][1] += amount

    def fee(self, role, received):
        """Parts of what is received, rounded up to a whole unit."""
        return (received * self.rate[role] / UNIT).to_integral_value(ROUND_CEILING) * UNIT

    def trade(self, price, quantity, buyer, seller, maker):
        """Settles one trade; what the maker gives was locked at its own price, and what the taker gives was free."""
        cost = price * quantity
        role = {name: "maker" if name == maker else "taker" for name in (buyer, seller)}
        self.funds[buyer]["USDT"][1 if maker == buyer else 0] -= cost
        self.funds[seller]["BTC"][1 if maker == seller else 0] -= quantity
        self.funds[buyer]["BTC"][0] += quantity - self.fee(role[buyer], quantity)
        self.funds[seller]["USDT"][0] += cost - self.fee(role[seller], cost)

    def compare(self, after):
        for name, one in self.clients.items():
            seen = self.read(one.fetch_balance())
            for asset, wanted in self.funds[name].items():
                equal(f"{name}'s {asset} after {after}: free, used", seen[asset], wanted)


def fields(what, record, **wanted):
    """Compares the named fields of one of ccxt's records; decimals as numbers."""
    for field, value in wanted.items():
        holds(f"{what}: {field} is missing", record.get(field) is not None, record)
        if isinstance(value, D):
            holds(f"{what}: {field} must be {value}", exact(record[field]) == value, record[field])
        else:
            equal(f"{what}: {field}", record[field], value)


def rules(alice):
    step("load_markets, fetch_time")
    markets = alice.load_markets()
    equal("markets", set(markets), MARKETS)
    for name, market in markets.items():
        equal(f"{name}: active, spot, type", (market["active"], market["spot"], market["type"]), (True, True, "spot"))
        equal(f"{name}: base/quote", f"{market['base']}/{market['quote']}", name)
        for what in ("amount", "price"):
            holds(f"{name}: precision of {what}", D(market["precision"][what]) > 0, market["precision"])
        holds(f"{name}: smallest cost", D(market["limits"]["cost"]["min"]) > 0, market["limits"])
    now = alice.fetch_time()
    holds("the time must be a number of ms near ours", abs(now - time.time() * 1000) < 5000, now)
    market = markets[MARKET]
    return D(market["precision"]["amount"]), D(market["precision"]["price"]), D(market["limits"]["cost"]["min"])


def accounts(clients):
    step("fetch_balance, fetch_trading_fees")
    fees = clients["alice"].fetch_trading_fees()
    equal("fees of all markets", set(fees), MARKETS)
    one = clients["alice"].fetch_trading_fee(MARKET)
    maker, taker = D(one["maker"]), D(one["taker"])
    fields("fees of all markets", fees[MARKET], symbol=MARKET, maker=maker, taker=taker)
    holds("rates must be between 0 and 10 %", 0 <= maker <= taker < D("0.1") and taker > 0, (maker, taker))
    ledger = Ledger(clients, maker, taker)
    for name, funds in ledger.funds.items():
        holds(f"{name} must own 1 BTC and 10000 USDT", funds["BTC"][0] >= 1 and funds["USDT"][0] >= 10000, funds)
        equal(f"{name}: orders at the start", clients[name].fetch_open_orders(), [])
    return ledger


def book(one, bids, asks):
    """The book must hold exactly these levels, in this order."""
    seen = one.fetch_order_book(MARKET, 100)
    holds("nonce", isinstance(seen["nonce"], int), seen["nonce"])
    for side, wanted in (("bids", bids), ("asks", asks)):
        equal(side, [(exact(price), exact(amount)) for price, amount in seen[side]], wanted)


def resting(alice, bob, ledger):
    step("an order rests")
    book(alice, [], [])
    alice.create_order(MARKET, "limit", "sell", "0.02", "50000", {"test": True})
    equal("open orders after a test order", alice.fetch_open_orders(), [])
    order = alice.create_order(MARKET, "limit", "sell", "0.02", "50000", {"clientOrderId": "life-1"})
    fields("answer to a limit order", order, symbol=MARKET, clientOrderId="life-1", status="open", type="limit", side="sell",
           timeInForce="GTC", price=D(50000), amount=D("0.02"), filled=D(0), remaining=D("0.02"), cost=D(0), trades=[])
    holds("its time", abs(order["timestamp"] - time.time() * 1000) < 5000, order["timestamp"])
    ledger.lock("alice", "BTC", D("0.02"))
    ledger.compare("a resting order")
    by_id = alice.fetch_order(order["id"], MARKET)
    fields("fetch_order", by_id, id=order["id"], clientOrderId="life-1", status="open", price=D(50000), amount=D("0.02"),
           filled=D(0))
    equal("the order by its own id", alice.fetch_order("", MARKET, {"clientOrderId": "life-1"})["info"], by_id["info"])
    equal("open orders of the market", [one["info"] for one in alice.fetch_open_orders(MARKET)], [by_id["info"]])
    equal("open orders of all markets", [one["info"] for one in alice.fetch_open_orders()], [by_id["info"]])
    fails("bob asks for alice's order", ccxt.OrderNotFound, "Order does not exist.", bob.fetch_order, order["id"], MARKET)
    fails("bob cancels alice's order", ccxt.OrderNotFound, "Unknown order sent.", bob.cancel_order, order["id"], MARKET)
    book(bob, [], [(D(50000), D("0.02"))])
    return order["id"]


def matching(alice, bob, lot, ledger, resting_id):
    """Returns the trades that must have happened: (price, quantity, side of the taker)."""
    trades = []

    def settle(price, quantity, taker_side):
        ledger.trade(price, quantity, "bob", "alice", maker="alice" if taker_side == "buy" else "bob")
        trades.append((price, quantity, taker_side))

    step("a limit order takes at the maker's price")
    taken = bob.create_order(MARKET, "limit", "buy", "0.005", "50010")
    fields("the taker", taken, status="closed", price=D(50010), filled=D("0.005"), remaining=D(0), cost=D(250), average=D(50000))
    equal("number of fills", len(taken["trades"]), 1)
    fields("fill", taken["trades"][0], price=D(50000), amount=D("0.005"))
    fields("fill's fee", taken["trades"][0]["fee"], cost=ledger.fee("taker", D("0.005")), currency="BTC")
    settle(D(50000), D("0.005"), "buy")
    ledger.compare("a match")
    fields("the maker", alice.fetch_order(resting_id, MARKET), status="open", filled=D("0.005"), remaining=D("0.015"), cost=D(250))

    step("market orders, by amount and by cost")
    bid = bob.create_order(MARKET, "limit", "buy", "0.01", "49990.03")
    ledger.lock("bob", "USDT", D("499.9003"))
    # The fee of this one is no whole number of units: it is rounded up.
    sold = alice.create_order(MARKET, "market", "sell", "0.00437")
    cost = D("49990.03") * D("0.00437")
    fields("market sell", sold, status="closed", type="market", filled=D("0.00437"), cost=cost, average=D("49990.03"))
    fields("its fee", sold["trades"][0]["fee"], cost=ledger.fee("taker", cost), currency="USDT")
    settle(D("49990.03"), D("0.00437"), "sell")
    ledger.compare("a market sell")
    quantity = (D("123.45") / 50000 / lot).to_integral_value(ROUND_FLOOR) * lot
    bought = bob.create_market_buy_order_with_cost(MARKET, "123.45")
    fields("market buy by cost", bought, status="closed", filled=quantity, cost=quantity * 50000)
    settle(D(50000), quantity, "buy")
    ledger.compare("a market buy by cost")
    left = D("0.015") - quantity
    book(alice, [(D("49990.03"), D("0.00563"))], [(D(50000), left)])

    step("post only, IOC, FOK")
    fails("post only that crosses", ccxt.OrderImmediatelyFillable, "Order would immediately match and take.",
          bob.create_order, MARKET, "limit", "buy", "0.001", "50000", {"postOnly": True})
    killed = bob.create_order(MARKET, "limit", "buy", str(left + lot), "50000", {"timeInForce": "FOK"})
    fields("FOK for more than there is", killed, status="expired", filled=D(0), timeInForce="FOK")
    ledger.compare("a killed order")
    filled = bob.create_order(MARKET, "limit", "buy", "0.001", "50000", {"timeInForce": "FOK"})
    fields("FOK for less than there is", filled, status="closed", filled=D("0.001"))
    settle(D(50000), D("0.001"), "buy")
    left -= D("0.001")
    expired = bob.create_order(MARKET, "limit", "buy", str(left + D("0.01")), "50000", {"timeInForce": "IOC"})
    fields("IOC for more than there is", expired, status="expired", filled=left, cost=left * 50000, remaining=D("0.01"))
    settle(D(50000), left, "buy")
    ledger.compare("IOC")
    book(alice, [(D("49990.03"), D("0.00563"))], [])
    fields("the maker at its end", alice.fetch_order(resting_id, MARKET), status="closed", filled=D("0.02"), cost=D(1000))
    return trades, bid["id"]


def cancelling(bob, ledger, bid):
    step("cancel_order, edit_order, cancel_all_orders")
    fails("an unknown order", ccxt.OrderNotFound, "Unknown order sent.", bob.cancel_order, "987654321", MARKET)
    fails("an unknown order", ccxt.OrderNotFound, "Order does not exist.", bob.fetch_order, "987654321", MARKET)
    fields("cancelled", bob.cancel_order(bid, MARKET), id=bid, status="canceled", amount=D("0.01"), filled=D("0.00437"))
    ledger.lock("bob", "USDT", -D("49990.03") * D("0.00563"))
    ledger.compare("a cancel")
    fails("cancelled twice", ccxt.OrderNotFound, "Unknown order sent.", bob.cancel_order, bid, MARKET)
    fields("the order", bob.fetch_order(bid, MARKET), status="canceled", filled=D("0.00437"), remaining=D("0.00563"))

    maker = bob.create_order(MARKET, "limit", "buy", "0.01", "40000", {"postOnly": True})
    fields("post only that rests", maker, status="open", postOnly=True, filled=D(0))
    edited = bob.edit_order(maker["id"], MARKET, "limit", "buy", "0.02", "41000")
    fields("edited", edited, status="open", price=D(41000), amount=D("0.02"), filled=D(0))
    holds("an edited order has an id of its own", edited["id"] != maker["id"], edited["id"])
    fields("what it replaced", bob.fetch_order(maker["id"], MARKET), status="canceled")
    ledger.lock("bob", "USDT", D(820))
    ledger.compare("an edit")
    fails("editing an unknown order", ccxt.ExchangeError, "-2022", bob.edit_order, "987654321", MARKET, "limit", "buy", "0.02", "41000")

    other = bob.create_order("ETH/USDT", "limit", "buy", "0.1", "1000")
    equal("cancel_all_orders", [order["id"] for order in bob.cancel_all_orders(MARKET)], [edited["id"]])
    equal("what is left", [order["id"] for order in bob.fetch_open_orders()], [other["id"]])
    bob.cancel_order(other["id"], "ETH/USDT")
    ledger.lock("bob", "USDT", -D(820))
    ledger.compare("cancel all")
    book(bob, [], [])


def full(rows, count):
    """The rows, once there are enough of them; more than that is an error at once."""
    holds(f"there must not be more than {count} rows", len(rows) <= count, rows)
    return rows if len(rows) == count else None


def history(clients, ledger, trades):
    step("fetch_my_trades, fetch_orders")
    count = len(trades)
    mine = {name: eventually(f"{name}'s {count} trades", lambda: full(one.fetch_my_trades(MARKET), count))
            for name, one in clients.items()}
    for index, (price, quantity, taker_side) in enumerate(trades):
        for name, side in (("alice", "sell"), ("bob", "buy")):
            role = "taker" if side == taker_side else "maker"
            received, asset = (quantity, "BTC") if side == "buy" else (price * quantity, "USDT")
            trade, what = mine[name][index], f"{name}'s trade {index}"
            fields(what, trade, symbol=MARKET, side=side, takerOrMaker=role, price=price, amount=quantity, cost=price * quantity)
            fields(f"{what}: fee", trade["fee"], cost=ledger.fee(role, received), currency=asset)
        equal("both see the same trade", mine["alice"][index]["id"], mine["bob"][index]["id"])
    wanted = ["closed", "canceled", "closed", "expired", "closed", "expired", "canceled", "canceled"]
    orders = eventually("bob's orders", lambda: full(clients["bob"].fetch_orders(MARKET), len(wanted)))
    equal("bob's orders", [order["status"] for order in orders], wanted)
    equal("bob's closed orders", len(clients["bob"].fetch_closed_orders(MARKET)), wanted.count("closed"))
    of_order = clients["alice"].fetch_order_trades(mine["alice"][0]["order"], MARKET)
    equal("trades of one order", [trade["id"] for trade in of_order],
          [trade["id"] for trade in mine["alice"] if trade["order"] == mine["alice"][0]["order"]])
    return [trade["id"] for trade in mine["bob"]]


def market_data(one, trades, ids):
    step("fetch_trades, fetch_ohlcv, fetch_ticker(s), fetch_bids_asks")
    volume = sum(quantity for _, quantity, _ in trades)
    turnover = sum(price * quantity for price, quantity, _ in trades)
    high, low = max(trade[0] for trade in trades), min(trade[0] for trade in trades)
    for what, rows in (("aggregate trades", one.fetch_trades(MARKET)),
                       ("trades", one.fetch_trades(MARKET, params={"fetchTradesMethod": "publicGetTrades"}))):
        equal(what, [(exact(row["price"]), exact(row["amount"]), row["side"]) for row in rows], trades)
    equal("ids of trades", [row["id"] for row in rows], ids)
    busy = [row for row in one.fetch_ohlcv(MARKET, "1m") if exact(row[5]) > 0]
    equal("candles: open, high, low, close, volume", (exact(busy[0][1]), max(exact(row[2]) for row in busy),
          min(exact(row[3]) for row in busy), exact(busy[-1][4]), sum(exact(row[5]) for row in busy)),
          (trades[0][0], high, low, trades[-1][0], volume))
    day = one.fetch_ohlcv(MARKET, "1d", limit=1)
    holds("a daily candle", len(day) == 1 and day[0][0] % 86_400_000 == 0, day)
    fields("fetch_ticker", one.fetch_ticker(MARKET), symbol=MARKET, last=trades[-1][0], open=trades[0][0], high=high, low=low,
           baseVolume=volume, quoteVolume=turnover, change=trades[-1][0] - trades[0][0])
    equal("fetch_tickers", set(one.fetch_tickers()), MARKETS)
    equal("fetch_tickers of two", set(one.fetch_tickers([MARKET, LIVE])), {MARKET, LIVE})
    equal("fetch_bids_asks", set(one.fetch_bids_asks()), MARKETS)


def refusals(clients, lot, tick, smallest, ledger):
    step("what is refused, and how")
    alice, bob = clients["alice"], clients["bob"]

    def refused(kind, text, **change):
        """Sends the changed values as they are: ccxt itself would round them to what is legal."""
        fails(f"an order with {change}", kind, text, bob.create_order, MARKET, "limit", "buy", "0.01", "40000", change)

    fails("an unknown market", ccxt.BadSymbol, "NOPE/NOPE", bob.fetch_order_book, "NOPE/NOPE")
    fails("an unknown market", ccxt.BadSymbol, "Invalid symbol.", bob.publicGetDepth, {"symbol": "NOPENOPE"})
    refused(ccxt.BadSymbol, "Invalid symbol.", symbol="NOPENOPE")
    refused(ccxt.InvalidOrder, "LOT_SIZE", quantity=f"{D('0.01') + lot / 10:f}")
    refused(ccxt.InvalidOrder, "PRICE_FILTER", price=f"{D(40000) + tick / 10:f}")
    refused(ccxt.BadRequest, "NOTIONAL", quantity=f"{(smallest / 80000 / lot).to_integral_value(ROUND_FLOOR) * lot:f}")
    refused(ccxt.BadRequest, "quantity", quantity="many")
    fails("selling what one does not have", ccxt.InsufficientFunds, "Account has insufficient balance for requested action.",
          alice.create_order, MARKET, "limit", "sell", str(ledger.funds["alice"]["BTC"][0] // lot * lot + lot), "1000")

    key, secret = KEYS["alice"]
    fails("a wrong secret", ccxt.AuthenticationError, "Signature for this request is not valid.", client(key, secret + "x").fetch_balance)
    fails("an unknown key", ccxt.AuthenticationError, "Invalid API-key", client("k" * 64, secret).fetch_balance)
    for ahead in (-60_000, 60_000):
        alice.options["timeDifference"] = ahead
        fails(f"a timestamp that is {ahead} ms behind", ccxt.InvalidNonce, "imestamp", alice.fetch_balance)
    alice.options["timeDifference"] = 0
    ledger.compare("what was refused")


class Watcher:
    """One account on ccxt.pro: keeps every stream that it watches alive and remembers what each told last."""

    def __init__(self, key, secret):
        self.client = ccxt.pro.binance(settings(key, secret))
        self.tasks = {}

    def watch(self, name, *arguments):
        method = getattr(self.client, "watch_" + name)

        async def follow():
            while True:
                await method(*arguments)

        self.tasks[name] = asyncio.create_task(follow())

    def check(self):
        for task in self.tasks.values():
            if task.done():
                task.result()

    async def close(self):
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        await self.client.close()

    def order(self, order_id, status):
        """The order as the stream last told it, once it has this status."""
        known = (self.client.orders.hashmap if self.client.orders else {}).get(LIVE, {})
        order = known.get(order_id)
        return order if order and order["status"] == status else None

    def trade(self, order_id):
        """The trades of an order as the stream told them."""
        return [trade for trade in self.client.myTrades or [] if trade["order"] == order_id]

    def told(self, asset):
        balance = self.client.balance.get("spot", {}).get(asset)
        return balance and (exact(balance["free"]), exact(balance["used"]))


async def later(what, probe, *watchers):
    """Repeats a probe, which may be a coroutine function, until it returns something true."""
    deadline = time.monotonic() + 15
    while True:
        for watcher in watchers:
            watcher.check()
        seen = probe()
        seen = await seen if asyncio.iscoroutine(seen) else seen
        if seen:
            return seen
        holds(f"{what} (waited 15 s)", time.monotonic() < deadline)
        await asyncio.sleep(0.02)


async def sockets(ledger):
    step("ccxt.pro: watch_order_book, watch_trades, watch_orders, watch_balance, watch_my_trades")
    people = {name: Watcher(*keys) for name, keys in KEYS.items()}
    try:
        for watcher in people.values():
            await watcher.client.load_markets()
            for name in ("orders", "balance", "my_trades"):
                watcher.watch(name)
        people["alice"].watch("order_book", LIVE)
        people["alice"].watch("trades", LIVE)
        await live(people, ledger)
    finally:
        await asyncio.gather(*(watcher.close() for watcher in people.values()))


async def live(people, ledger):
    alice, bob = people["alice"], people["bob"]
    everybody = (alice, bob)
    market = alice.client.orderbooks
    await later("the empty book must arrive", lambda: LIVE in market and market[LIVE]["nonce"] is not None, alice)
    await later("both must be subscribed", lambda: all(subscribed(one) for one in everybody), *everybody)

    sell = await alice.client.create_order(LIVE, "limit", "sell", 0.5, 3000)
    told = await later("alice is told of her order", lambda: alice.order(sell["id"], "open"), *everybody)
    live_fields("alice's order", told, side="sell", price=D(3000), amount=D("0.5"), filled=D(0))
    buy = await bob.client.create_order(LIVE, "limit", "buy", 0.2, 3000)
    told = await later("bob is told that his order is filled", lambda: bob.order(buy["id"], "closed"), *everybody)
    live_fields("bob's order", told, side="buy", price=D(3000), amount=D("0.2"), filled=D("0.2"), cost=D(600))

    fee = {"alice": (ledger.fee("maker", D(600)), "USDT"), "bob": (ledger.fee("taker", D("0.2")), "ETH")}
    for name, order, side, role in (("alice", sell, "sell", "maker"), ("bob", buy, "buy", "taker")):
        trades = await later(f"{name} is told of the trade", lambda: people[name].trade(order["id"]), *everybody)
        equal(f"number of {name}'s trades", len(trades), 1)
        live_fields(f"{name}'s trade", trades[0], symbol=LIVE, side=side, takerOrMaker=role, price=D(3000), amount=D("0.2"), cost=D(600))
        equal(f"{name}'s fee", (exact(trades[0]["fee"]["cost"]), trades[0]["fee"]["currency"]), fee[name])
    filled = await later("alice is told of her fill", lambda: partly(alice.order(sell["id"], "open")), *everybody)
    live_fields("alice's order after the fill", filled, filled=D("0.2"), remaining=D("0.3"))
    await balances(people)
    public = await later("the trade is public", lambda: list(alice.client.trades.get(LIVE, [])), *everybody)
    equal("number of public trades", len(public), 1)
    live_fields("the public trade", public[0], symbol=LIVE, side="buy", price=D(3000), amount=D("0.2"), id=trades[0]["id"])

    bids = [await bob.client.create_order(LIVE, "limit", "buy", 0.1, 2000 + 10 * number) for number in range(5)]
    await books(alice)
    await bob.client.cancel_order(bids[2]["id"], LIVE)
    await later("bob is told of his cancel", lambda: bob.order(bids[2]["id"], "canceled"), *everybody)
    await books(alice)
    await bob.client.cancel_all_orders(LIVE)
    await alice.client.cancel_order(sell["id"], LIVE)
    await later("alice is told of her cancel", lambda: alice.order(sell["id"], "canceled"), *everybody)
    await books(alice)
    await balances(people)
    for name, watcher in people.items():
        equal(f"{name}'s locked funds", (watcher.told("ETH")[1], watcher.told("USDT")[1]), (D(0), D(0)))


async def balances(people):
    """What the streams told must become what REST says."""
    for name, watcher in people.items():
        balance = await watcher.client.fetch_balance()
        for asset in ("ETH", "USDT"):
            wanted = (exact(balance[asset]["free"]), exact(balance[asset]["used"]))
            await later(f"the stream must tell {name}'s {asset}: {wanted}", lambda: watcher.told(asset) == wanted, watcher)


def subscribed(watcher):
    """Whether the server confirmed the user data stream and every watch waits for its next message."""
    futures = [set(one.futures) for url, one in watcher.client.clients.items() if url.endswith("/ws-api/v3")]
    return bool(futures) and {"orders", "spot:balance", "myTrades"} <= futures[0]


def partly(order):
    return order if order and exact(order["filled"]) > 0 else None


def live_fields(what, record, **wanted):
    """Like `fields`, for records whose numbers are floats."""
    for field, value in wanted.items():
        seen = record.get(field)
        equal(f"{what}: {field}", exact(seen) if isinstance(value, D) and seen is not None else seen, value)


async def books(watcher):
    """The client's own book must become the one that REST shows."""

    async def same():
        rest = await watcher.client.fetch_order_book(LIVE, 100)
        mine = watcher.client.orderbooks.get(LIVE)
        sides = [(list(map(list, mine[side])), rest[side]) for side in ("bids", "asks")] if mine else [(0, 1)]
        return all(cached == shown for cached, shown in sides) and mine["nonce"] == rest["nonce"]

    await later("ccxt's own book must equal the REST book", same, watcher)


def wallet(alice, keys):
    step("load_markets as it comes, fetch_currencies, fetch_status, deposits and withdrawals")
    equal("status", alice.fetch_status()["status"], "ok")
    equal("deposits and withdrawals", (alice.fetch_deposits(), alice.fetch_withdrawals()), ([], []))
    # Without the options that keep it to the spot markets it asks for all others, too.
    given = settings(*keys)
    for option in ("fetchMarkets", "fetchMargins", "fetchCurrencies"):
        del given["options"][option]
    given["urls"]["api"].update({"fapiPublic": URL + "/fapi/v1", "dapiPublic": URL + "/dapi/v1"})
    plain = ccxt.binance({**given, "number": str})
    equal("markets", set(plain.load_markets()), MARKETS)
    currencies, balance = plain.fetch_currencies(), plain.fetch_balance()
    equal("currencies", set(currencies), {name for market in MARKETS for name in market.split("/")})
    for name, currency in currencies.items():
        equal(f"free {name}", D(currency["info"]["free"]), D(balance[name]["free"]))


def main():
    clients = {name: client(*keys) for name, keys in KEYS.items()}
    alice, bob = clients["alice"], clients["bob"]
    lot, tick, smallest = rules(alice)
    bob.load_markets()
    ledger = accounts(clients)
    order = resting(alice, bob, ledger)
    trades, bid = matching(alice, bob, lot, ledger, order)
    cancelling(bob, ledger, bid)
    ids = history(clients, ledger, trades)
    market_data(alice, trades, ids)
    wallet(alice, KEYS["alice"])
    refusals(clients, lot, tick, smallest, ledger)
    asyncio.run(sockets(ledger))
    print(f"  {checks} checks hold", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
