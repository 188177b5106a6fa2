"""The life of two accounts on BTC/USDT, seen through an unmodified python-binance.

REST with the synchronous client, then the sockets with the asynchronous one. Every balance, fee and order is
compared exactly, as a decimal, with what the rules of the exchange say it must be.

Environment: RIALTO_URL and RIALTO_KEY_A, RIALTO_SECRET_A (alice), RIALTO_KEY_B, RIALTO_SECRET_B (bob).
Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import asyncio
import os
import sys
import time
import traceback
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal as D

from binance import AsyncClient, BinanceSocketManager, Client, DepthCacheManager
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

URL = os.environ["RIALTO_URL"].rstrip("/")
SOCKETS = "ws" + URL.removeprefix("http")
BaseClient.API_URL = URL + "/api"
BaseClient.MARGIN_API_URL = URL + "/sapi"
BaseClient.WS_API_URL = SOCKETS + "/ws-api/v3"
BinanceSocketManager.STREAM_URL = SOCKETS + "/"

KEYS = {
    "alice": (os.environ["RIALTO_KEY_A"], os.environ["RIALTO_SECRET_A"]),
    "bob": (os.environ["RIALTO_KEY_B"], os.environ["RIALTO_SECRET_B"]),
}
MARKETS = {"BTCUSDT", "ETHUSDT", "ETHBTC", "SOLUSDT", "XMRBTC"}
MARKET = "BTCUSDT"
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


def number(what, seen, wanted):
    """Exact equality of a number on the wire, which must be a string, with a decimal."""
    holds(f"{what} must be a decimal string", isinstance(seen, str), repr(seen))
    holds(f"{what} must be {wanted}", D(seen) == D(wanted), seen)


def fails(what, code, message, call, *arguments, **parameters):
    """A call that must be refused with this code, and with this text unless it is None."""
    try:
        answer = call(*arguments, **parameters)
    except BinanceAPIException as error:
        equal(f"{what}: code", error.code, code)
        holds(f"{what}: the text must be {message!r}", message is None or error.message == message, error.message)
        holds(f"{what}: the status must be 4xx", 400 <= error.status_code < 500, error.status_code)
        return error
    raise AssertionError(f"{what} must fail with {code}; seen: {answer!r}")


def eventually(what, probe, limit=10.0):
    """Repeats a probe until it returns something true: history may lag behind the books."""
    deadline = time.monotonic() + limit
    while True:
        seen = probe()
        if seen:
            return seen
        holds(f"{what} (waited {limit} s)", time.monotonic() < deadline)
        time.sleep(0.05)


def step(name):
    print(f"  {name}", flush=True)


class Ledger:
    """What both accounts must own: computed here from the rules, compared with what the exchange says."""

    def __init__(self, clients, maker, taker):
        self.clients, self.rate = clients, {"maker": maker, "taker": taker}
        self.funds = {name: self.read(client.get_account()) for name, client in clients.items()}

    @staticmethod
    def read(account):
        return {entry["asset"]: [D(entry["free"]), D(entry["locked"])] for entry in account["balances"]}

    def lock(self, name, asset, amount):
        """An order rests and keeps this amount; a negative amount is given back."""
        self.funds[name][asset][0] -= amount
        self.funds[name][asset][1] += amount

    def fee(self, role, received):
        """Parts of what is received, rounded up to a whole unit."""
        return (received * self.rate[role] / UNIT).to_integral_value(ROUND_CEILING) * UNIT

    def trade(self, price, quantity, buyer, seller, maker, maker_price=None):
        """Settles one trade; what the maker gives was locked, at its own price, and what the taker gives was free."""
        cost = price * quantity
        role = {name: "maker" if name == maker else "taker" for name in (buyer, seller)}
        self.funds[buyer]["USDT"][1 if maker == buyer else 0] -= cost
        self.funds[seller]["BTC"][1 if maker == seller else 0] -= quantity
        self.funds[buyer]["BTC"][0] += quantity - self.fee(role[buyer], quantity)
        self.funds[seller]["USDT"][0] += cost - self.fee(role[seller], cost)

    def compare(self, after):
        for name, client in self.clients.items():
            seen = self.read(client.get_account())
            for asset in ("BTC", "USDT"):
                free, locked = self.funds[name][asset]
                equal(f"{name}'s {asset} after {after}: free, locked", seen[asset], [free, locked])


class Market:
    """The rules of the market, from exchangeInfo."""

    def __init__(self, info):
        filters = {entry["filterType"]: entry for entry in info["filters"]}
        self.tick = D(filters["PRICE_FILTER"]["tickSize"])
        self.lot = D(filters["LOT_SIZE"]["stepSize"])
        notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL")
        self.notional = D(notional["minNotional"])

    def lots(self, quantity):
        return (quantity / self.lot).to_integral_value(ROUND_FLOOR) * self.lot


def rules(alice):
    step("ping, time, exchangeInfo")
    equal("ping", alice.ping(), {})
    now = alice.get_server_time()["serverTime"]
    holds("the time must be a number of ms near ours", isinstance(now, int) and abs(now - time.time() * 1000) < 5000, now)
    info = alice.get_exchange_info()
    equal("timezone", info["timezone"], "UTC")
    symbols = {entry["symbol"]: entry for entry in info["symbols"]}
    equal("markets", set(symbols), MARKETS)
    for name, entry in symbols.items():
        equal(f"{name}: status", entry["status"], "TRADING")
        equal(f"{name}: symbol", entry["baseAsset"] + entry["quoteAsset"], name)
        kinds = [kind["filterType"] for kind in entry["filters"]]
        equal(f"{name}: first filter", kinds[0], "PRICE_FILTER")
        holds(f"{name}: filters", {"LOT_SIZE", "MARKET_LOT_SIZE"} <= set(kinds), kinds)
        holds(f"{name}: NOTIONAL or MIN_NOTIONAL", {"NOTIONAL", "MIN_NOTIONAL"} & set(kinds), kinds)
        holds(f"{name}: types", {"LIMIT", "LIMIT_MAKER", "MARKET"} <= set(entry["orderTypes"]), entry["orderTypes"])
        holds(f"{name}: SPOT", any("SPOT" in group for group in entry["permissionSets"]), entry["permissionSets"])
    equal("get_symbol_info", alice.get_symbol_info(MARKET), symbols[MARKET])
    kinds = {limit["rateLimitType"] for limit in info["rateLimits"]}
    holds("rate limits", kinds <= {"REQUEST_WEIGHT", "ORDERS", "RAW_REQUESTS"}, kinds)
    return Market(symbols[MARKET])


def account(clients):
    step("account, tradeFee")
    seen = clients["alice"].get_account()
    equal("accountType", seen["accountType"], "SPOT")
    equal("canTrade", seen["canTrade"], True)
    rates = seen["commissionRates"]
    fees = clients["alice"].get_trade_fee(symbol=MARKET)
    equal("tradeFee of one market", [fee["symbol"] for fee in fees], [MARKET])
    maker, taker = D(fees[0]["makerCommission"]), D(fees[0]["takerCommission"])
    number("account's maker rate", rates["maker"], maker)
    number("account's taker rate", rates["taker"], taker)
    holds("rates must be between 0 and 10 %", 0 <= maker <= taker < D("0.1") and taker > 0, (maker, taker))
    equal("tradeFee of all markets", {fee["symbol"] for fee in clients["alice"].get_trade_fee()}, MARKETS)
    for name, client in clients.items():
        balances = Ledger.read(client.get_account())
        holds(f"{name} must own 1 BTC and 10000 USDT", balances["BTC"][0] >= 1 and balances["USDT"][0] >= 10000, balances)
        number(f"{name}: get_asset_balance", client.get_asset_balance("BTC")["free"], balances["BTC"][0])
        equal(f"{name}: orders at the start", client.get_open_orders(), [])
    return Ledger(clients, maker, taker)


def order_fields(what, order, **wanted):
    """Compares the named fields of an order; decimals as numbers."""
    for field, value in wanted.items():
        holds(f"{what}: {field} is missing", field in order, order)
        if isinstance(value, D):
            number(f"{what}: {field}", order[field], value)
        else:
            equal(f"{what}: {field}", order[field], value)


def fill_fields(what, fill, price, quantity, fee, asset):
    number(f"{what}: price", fill["price"], price)
    number(f"{what}: qty", fill["qty"], quantity)
    number(f"{what}: commission", fill["commission"], fee)
    equal(f"{what}: commissionAsset", fill["commissionAsset"], asset)
    holds(f"{what}: tradeId must be an integer", isinstance(fill["tradeId"], int), fill)


def depth(client, bids, asks):
    """The book must hold exactly these levels, in this order, printed with eight decimals."""
    seen = client.get_order_book(symbol=MARKET, limit=100)
    holds("lastUpdateId must be an integer", isinstance(seen["lastUpdateId"], int), seen)
    equal("bids", seen["bids"], [[f"{price:.8f}", f"{quantity:.8f}"] for price, quantity in bids])
    equal("asks", seen["asks"], [[f"{price:.8f}", f"{quantity:.8f}"] for price, quantity in asks])


def resting(alice, bob, market, ledger):
    step("an order rests")
    depth(alice, [], [])
    equal("test order", alice.create_test_order(symbol=MARKET, side="SELL", type="LIMIT", timeInForce="GTC",
                                                quantity="0.02", price="50000"), {})
    equal("open orders after a test order", alice.get_open_orders(), [])
    order = alice.order_limit_sell(symbol=MARKET, quantity="0.02000000", price="50000.00", newClientOrderId="life-1")
    holds("orderId must be an integer", isinstance(order["orderId"], int), order)
    order_fields("answer to a limit order", order, symbol=MARKET, clientOrderId="life-1", orderListId=-1,
                 price=D(50000), origQty=D("0.02"), executedQty=D(0), cummulativeQuoteQty=D(0), status="NEW",
                 timeInForce="GTC", type="LIMIT", side="SELL", fills=[])
    holds("transactTime", abs(order["transactTime"] - time.time() * 1000) < 5000, order)
    ledger.lock("alice", "BTC", D("0.02"))
    ledger.compare("a resting order")
    by_id = alice.get_order(symbol=MARKET, orderId=order["orderId"])
    order_fields("the order", by_id, orderId=order["orderId"], clientOrderId="life-1", price=D(50000), status="NEW",
                 origQty=D("0.02"), executedQty=D(0), isWorking=True, side="SELL", type="LIMIT", timeInForce="GTC")
    equal("the order by its own id", alice.get_order(symbol=MARKET, origClientOrderId="life-1"), by_id)
    equal("open orders of the market", alice.get_open_orders(symbol=MARKET), [by_id])
    equal("open orders of all markets", alice.get_open_orders(), [by_id])
    equal("bob's open orders", bob.get_open_orders(), [])
    fails("bob asks for alice's order", -2013, "Order does not exist.", bob.get_order, symbol=MARKET,
          orderId=order["orderId"])
    fails("bob cancels alice's order", -2011, "Unknown order sent.", bob.cancel_order, symbol=MARKET,
          orderId=order["orderId"])
    depth(bob, [], [(D(50000), D("0.02"))])
    return order["orderId"]


def matching(alice, bob, market, ledger, resting_id):
    """Returns the public trades that must have happened: (price, quantity, buyer is maker)."""
    trades = []
    step("a limit order takes at the maker's price")
    taken = bob.order_limit_buy(symbol=MARKET, quantity="0.005", price="50010")
    order_fields("the taker", taken, status="FILLED", price=D(50010), executedQty=D("0.005"), cummulativeQuoteQty=D(250))
    equal("number of fills", len(taken["fills"]), 1)
    fill_fields("fill", taken["fills"][0], D(50000), D("0.005"), ledger.fee("taker", D("0.005")), "BTC")
    ledger.trade(D(50000), D("0.005"), "bob", "alice", maker="alice")
    trades.append((D(50000), D("0.005"), False))
    ledger.compare("a match")
    order_fields("the maker", alice.get_order(symbol=MARKET, orderId=resting_id), status="PARTIALLY_FILLED",
                 executedQty=D("0.005"), cummulativeQuoteQty=D(250))
    depth(bob, [], [(D(50000), D("0.015"))])

    step("a market order by quantity")
    bid = bob.order_limit_buy(symbol=MARKET, quantity="0.01", price="49990.03", newClientOrderId="life-bid")
    ledger.lock("bob", "USDT", D("499.9003"))
    ledger.compare("a resting bid")
    # The fee of this one is no whole number of units: it is rounded up.
    sold = alice.order_market_sell(symbol=MARKET, quantity="0.00437")
    cost = D("49990.03") * D("0.00437")
    order_fields("market sell", sold, status="FILLED", type="MARKET", executedQty=D("0.00437"), cummulativeQuoteQty=cost)
    fill_fields("market sell", sold["fills"][0], D("49990.03"), D("0.00437"), ledger.fee("taker", cost), "USDT")
    ledger.trade(D("49990.03"), D("0.00437"), "bob", "alice", maker="bob")
    trades.append((D("49990.03"), D("0.00437"), True))
    ledger.compare("a market sell")

    step("a market order by quoteOrderQty")
    quantity = market.lots(D("123.45") / 50000)
    bought = bob.order_market_buy(symbol=MARKET, quoteOrderQty="123.45")
    order_fields("market buy by cost", bought, status="FILLED", executedQty=quantity,
                 cummulativeQuoteQty=quantity * 50000, origQuoteOrderQty=D("123.45"))
    ledger.trade(D(50000), quantity, "bob", "alice", maker="alice")
    trades.append((D(50000), quantity, False))
    ledger.compare("a market buy by cost")
    left = D("0.015") - quantity
    depth(alice, [(D("49990.03"), D("0.00563"))], [(D(50000), left)])

    step("LIMIT_MAKER, IOC, FOK")
    limit = {"symbol": MARKET, "type": "LIMIT", "side": "BUY", "price": "50000"}
    fails("LIMIT_MAKER that crosses", -2010, "Order would immediately match and take.", bob.create_order,
          symbol=MARKET, type="LIMIT_MAKER", side="BUY", price="50000", quantity="0.001")
    killed = bob.create_order(**limit, timeInForce="FOK", quantity=str(left + market.lot))
    order_fields("FOK for more than there is", killed, status="EXPIRED", executedQty=D(0), fills=[])
    ledger.compare("a killed order")
    filled = bob.create_order(**limit, timeInForce="FOK", quantity="0.001")
    order_fields("FOK for less than there is", filled, status="FILLED", executedQty=D("0.001"), timeInForce="FOK")
    ledger.trade(D(50000), D("0.001"), "bob", "alice", maker="alice")
    trades.append((D(50000), D("0.001"), False))
    left -= D("0.001")
    expired = bob.create_order(**limit, timeInForce="IOC", quantity=str(left + D("0.01")))
    order_fields("IOC for more than there is", expired, status="EXPIRED", executedQty=left, cummulativeQuoteQty=left * 50000)
    ledger.trade(D(50000), left, "bob", "alice", maker="alice")
    trades.append((D(50000), left, False))
    ledger.compare("IOC")
    depth(alice, [(D("49990.03"), D("0.00563"))], [])
    order_fields("the maker at its end", alice.get_order(symbol=MARKET, orderId=resting_id), status="FILLED",
                 executedQty=D("0.02"), cummulativeQuoteQty=D(1000))
    return trades, bid["orderId"]


def cancelling(bob, ledger, bid):
    step("cancel, cancel and replace, cancel all")
    fails("an unknown order", -2011, "Unknown order sent.", bob.cancel_order, symbol=MARKET, orderId=987654321)
    fails("an unknown order", -2013, "Order does not exist.", bob.get_order, symbol=MARKET, orderId=987654321)
    answer = bob.cancel_order(symbol=MARKET, origClientOrderId="life-bid")
    order_fields("cancelled", answer, orderId=bid, origClientOrderId="life-bid", status="CANCELED", origQty=D("0.01"),
                 executedQty=D("0.00437"))
    ledger.lock("bob", "USDT", -D("49990.03") * D("0.00563"))
    ledger.compare("a cancel")
    fails("cancelled twice", -2011, "Unknown order sent.", bob.cancel_order, symbol=MARKET, orderId=bid)
    order_fields("the order", bob.get_order(symbol=MARKET, orderId=bid), status="CANCELED", executedQty=D("0.00437"))

    # Only LIMIT and MARKET are answered in full unless asked.
    maker = bob.create_order(symbol=MARKET, type="LIMIT_MAKER", side="BUY", price="40000", quantity="0.01")
    equal("answer to LIMIT_MAKER", set(maker), {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"})
    order_fields("LIMIT_MAKER that rests", bob.get_order(symbol=MARKET, orderId=maker["orderId"]), status="NEW",
                 type="LIMIT_MAKER", executedQty=D(0))
    new = {"symbol": MARKET, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.02", "price": "41000",
           "cancelReplaceMode": "STOP_ON_FAILURE"}
    replaced = bob.cancel_replace_order(**new, cancelOrderId=maker["orderId"])
    equal("cancelResult, newOrderResult", (replaced["cancelResult"], replaced["newOrderResult"]), ("SUCCESS", "SUCCESS"))
    order_fields("what was cancelled", replaced["cancelResponse"], orderId=maker["orderId"], status="CANCELED")
    order_fields("what replaced it", replaced["newOrderResponse"], status="NEW", price=D(41000), origQty=D("0.02"))
    ledger.lock("bob", "USDT", D(820))
    ledger.compare("cancel and replace")
    error = fails("replacing an unknown order", -2022, "Order cancel-replace failed.", bob.cancel_replace_order, **new,
                  cancelOrderId=987654321)
    data = error.response.json()["data"]
    equal("its data", (data["cancelResult"], data["newOrderResult"], data["cancelResponse"]["code"], data["newOrderResponse"]),
          ("FAILURE", "NOT_ATTEMPTED", -2011, None))

    other = bob.order_limit_buy(symbol="ETHUSDT", quantity="0.1", price="1000")
    cancelled = bob.cancel_all_open_orders(symbol=MARKET)
    equal("cancelled", [order["orderId"] for order in cancelled], [replaced["newOrderResponse"]["orderId"]])
    equal("what is left", [order["orderId"] for order in bob.get_open_orders()], [other["orderId"]])
    bob.cancel_order(symbol="ETHUSDT", orderId=other["orderId"])
    ledger.lock("bob", "USDT", -D(820))
    ledger.compare("cancel all")
    fails("cancel all with nothing open", -2011, "Unknown order sent.", bob.cancel_all_open_orders, symbol=MARKET)
    depth(bob, [], [])


def history(clients, ledger, trades):
    step("allOrders, myTrades")
    count = len(trades)
    mine = {name: eventually(f"{name}'s {count} trades", lambda: full(client.get_my_trades(symbol=MARKET), count))
            for name, client in clients.items()}
    for index, (price, quantity, buyer_is_maker) in enumerate(trades):
        for name in ("alice", "bob"):
            trade, buys = mine[name][index], name == "bob"
            is_maker = buys == buyer_is_maker
            received = quantity if buys else price * quantity
            what = f"{name}'s trade {index}"
            order_fields(what, trade, symbol=MARKET, price=price, qty=quantity, quoteQty=price * quantity, isBuyer=buys,
                         isMaker=is_maker, commission=ledger.fee("maker" if is_maker else "taker", received),
                         commissionAsset="BTC" if buys else "USDT")
        equal("both see the same trade", mine["alice"][index]["id"], mine["bob"][index]["id"])
    ids = [trade["id"] for trade in mine["bob"]]
    equal("ids ascend", ids, sorted(set(ids)))
    equal("myTrades fromId", [trade["id"] for trade in clients["bob"].get_my_trades(symbol=MARKET, fromId=ids[2])], ids[2:])
    equal("myTrades limit", [trade["id"] for trade in clients["bob"].get_my_trades(symbol=MARKET, limit=2)], ids[-2:])
    order = mine["alice"][0]["orderId"]
    wanted = [trade["id"] for trade in mine["alice"] if trade["orderId"] == order]
    equal("myTrades orderId", [t["id"] for t in clients["alice"].get_my_trades(symbol=MARKET, orderId=order)], wanted)

    wanted = ["FILLED", "CANCELED", "FILLED", "EXPIRED", "FILLED", "EXPIRED", "CANCELED", "CANCELED"]
    orders = eventually("bob's orders", lambda: full(clients["bob"].get_all_orders(symbol=MARKET), len(wanted)))
    equal("bob's orders", [order["status"] for order in orders], wanted)
    equal("order ids ascend", sorted(order["orderId"] for order in orders), [order["orderId"] for order in orders])
    later = clients["bob"].get_all_orders(symbol=MARKET, orderId=orders[3]["orderId"], limit=2)
    equal("allOrders orderId, limit", [order["orderId"] for order in later], [order["orderId"] for order in orders[3:5]])
    return ids


def full(rows, count):
    """The rows, once there are enough of them; more than that is an error at once."""
    holds(f"there must not be more than {count} rows", len(rows) <= count, rows)
    return rows if len(rows) == count else None


def market_data(client, trades, ids):
    step("trades, aggTrades, klines, avgPrice, tickers")
    volume = sum(quantity for _, quantity, _ in trades)
    turnover = sum(price * quantity for price, quantity, _ in trades)
    high, low = max(trade[0] for trade in trades), min(trade[0] for trade in trades)
    for what, rows in (("trades", client.get_recent_trades(symbol=MARKET)),
                       ("historicalTrades", client.get_historical_trades(symbol=MARKET))):
        equal(what, [(row["id"], D(row["price"]), D(row["qty"]), row["isBuyerMaker"]) for row in rows],
              [(trade_id, *trade) for trade_id, trade in zip(ids, trades)])
        equal(f"{what}: quoteQty", [D(row["quoteQty"]) for row in rows], [price * size for price, size, _ in trades])
    equal("trades, limit", [row["id"] for row in client.get_recent_trades(symbol=MARKET, limit=2)], ids[-2:])
    rows = client.get_aggregate_trades(symbol=MARKET)
    equal("aggTrades", [(row["f"], row["l"], D(row["p"]), D(row["q"]), row["m"]) for row in rows],
          [(trade_id, trade_id, *trade) for trade_id, trade in zip(ids, trades)])

    klines = client.get_klines(symbol=MARKET, interval="1m")
    holds("klines have 12 fields", all(len(row) == 12 for row in klines) and klines, klines)
    holds("klines begin at whole minutes", all(row[0] % 60000 == 0 and row[6] == row[0] + 59999 for row in klines), klines)
    busy = [row for row in klines if row[8] > 0]
    equal("klines: open, high, low, close", (D(busy[0][1]), max(D(row[2]) for row in busy),
          min(D(row[3]) for row in busy), D(busy[-1][4])), (trades[0][0], high, low, trades[-1][0]))
    equal("klines: volume, turnover, count", (sum(D(row[5]) for row in busy), sum(D(row[7]) for row in busy),
          sum(row[8] for row in busy)), (volume, turnover, len(trades)))
    taken = sum(quantity for _, quantity, buyer_is_maker in trades if not buyer_is_maker)
    equal("klines: volume of taking buyers", sum(D(row[9]) for row in busy), taken)
    past = client.get_historical_klines(MARKET, "1m", busy[0][0], limit=1000)
    equal("get_historical_klines", past[0][:6], busy[0][:6])

    average = client.get_avg_price(symbol=MARKET)
    equal("avgPrice: mins", average["mins"], 5)
    holds("avgPrice lies between low and high", low <= D(average["price"]) <= high, average)
    day = client.get_ticker(symbol=MARKET)
    order_fields("ticker/24hr", day, symbol=MARKET, lastPrice=trades[-1][0], lastQty=trades[-1][1], openPrice=trades[0][0],
                 highPrice=high, lowPrice=low, volume=volume, quoteVolume=turnover, count=len(trades), firstId=ids[0],
                 lastId=ids[-1], bidPrice=D(0), askPrice=D(0), priceChange=trades[-1][0] - trades[0][0])
    equal("ticker/24hr of all", {row["symbol"] for row in client.get_ticker()}, MARKETS)
    number("ticker/price", client.get_symbol_ticker(symbol=MARKET)["price"], trades[-1][0])
    holds("ticker/price of all", MARKET in {row["symbol"] for row in client.get_all_tickers()})
    book = client.get_orderbook_ticker(symbol=MARKET)
    order_fields("ticker/bookTicker of an empty book", book, symbol=MARKET, bidPrice=D(0), bidQty=D(0), askPrice=D(0), askQty=D(0))
    equal("ticker/bookTicker of all", {row["symbol"] for row in client.get_orderbook_tickers()}, MARKETS)


def windows_and_wallet(client, trades):
    step("ticker/tradingDay, uiKlines, commissions, used weight, wallet")
    volume, turnover = sum(size for _, size, _ in trades), sum(price * size for price, size, _ in trades)
    for zone in ("0", "-12:00", "5:45"):
        # Whatever the hour is now: somewhere on earth the day has just begun, and the trades may be of the one before.
        day = client.v3_get_ticker_trading_day(symbol=MARKET, timeZone=zone)
        equal(f"tradingDay of {zone}: length", day["closeTime"] - day["openTime"], 86_399_999)
        holds(f"tradingDay of {zone}: trades", day["count"] in (0, len(trades)) or D(day["volume"]) < volume, day)
    rows = client.get_ui_klines(symbol=MARKET, interval="1M", timeZone="8")
    equal("uiKlines: volume and turnover", (sum(D(row[5]) for row in rows), sum(D(row[7]) for row in rows)), (volume, turnover))
    rates = client.v3_get_account_commission(symbol=MARKET)
    fee = client.get_trade_fee(symbol=MARKET)[0]
    number("commission of makers", rates["standardCommission"]["maker"], fee["makerCommission"])
    order = {"symbol": MARKET, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "20000"}
    equal("order/test", client.create_test_order(**order), {})
    tried = client.create_test_order(**order, computeCommissionRates="true")
    number("commission of a tried order", tried["standardCommissionForOrder"]["taker"], fee["takerCommission"])

    used = int(client.response.headers["X-MBX-USED-WEIGHT-1M"])
    client.ping()
    now = int(client.response.headers["x-mbx-used-weight-1m"])
    holds("a ping weighs 1, unless the minute has turned", now in (used + 1, 1), (used, now))
    equal("system/status", client.get_system_status(), {"status": 0, "msg": "normal"})
    equal("account/status", client.get_account_status(), {"data": "Normal"})
    coins = {coin["coin"]: coin for coin in client.get_all_coins_info()}
    for entry in client.get_account()["balances"]:
        number(f"coins: free {entry['asset']}", coins[entry["asset"]]["free"], entry["free"])
    equal("deposits and withdrawals", (client.get_deposit_history(), client.get_withdraw_history()), ([], []))
    equal("sub-accounts", client.get_sub_account_list(), {"subAccounts": []})


def refusals(clients, market, ledger):
    step("what is refused, and how")
    alice, bob = clients["alice"], clients["bob"]
    limit = {"symbol": MARKET, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "40000"}

    def refused(code, message, **change):
        order = {key: value for key, value in {**limit, **change}.items() if value is not None}
        fails(f"an order with {change}", code, message, bob.create_order, **order)
        fails(f"a test order with {change}", code, message, bob.create_test_order, **order) if code != -2010 else None

    fails("an unknown market", -1121, "Invalid symbol.", bob.get_order_book, symbol="NOPENOPE")
    refused(-1121, "Invalid symbol.", symbol="NOPENOPE")
    refused(-1013, "Filter failure: LOT_SIZE", quantity=f"{D('0.01') + market.lot / 10:f}")
    refused(-1013, "Filter failure: PRICE_FILTER", price=f"{D(40000) + market.tick / 10:f}")
    refused(-1013, "Filter failure: NOTIONAL", quantity=f"{market.lots(market.notional / 2 / 40000):f}")
    refused(-1102, None, quantity=None)
    refused(-1102, None, price=None)
    refused(-1100, None, quantity="many")
    refused(-1100, None, price="NaN")
    refused(-1100, None, quantity="-1")
    refused(-1117, None, side="HOLD")
    refused(-1116, None, type="GUESS")
    refused(-1115, None, timeInForce="SOON")
    refused(-2010, "Account has insufficient balance for requested action.", side="SELL", price="1000",
            quantity=str(ledger.funds["bob"]["BTC"][0] // market.lot * market.lot + market.lot))
    first = bob.create_order(**limit, newClientOrderId="life-twice")
    fails("an own id that is in use", -2010, "Duplicate order sent.", bob.create_order, **limit, newClientOrderId="life-twice")
    bob.cancel_order(symbol=MARKET, orderId=first["orderId"])

    key, secret = KEYS["alice"]
    fails("a wrong secret", -1022, "Signature for this request is not valid.", Client(key, secret + "x").get_account)
    fails("an unknown key", -2015, "Invalid API-key, IP, or permissions for action.", Client("k" * 64, secret).get_account)
    for offset in (-60_000, 60_000):
        alice.timestamp_offset = offset
        fails(f"a timestamp that is {offset} ms off", -1021, None, alice.get_account)
    alice.timestamp_offset = 0
    ledger.compare("what was refused")


class Collected:
    """The messages of one socket, read in the background."""

    def __init__(self, socket):
        self.socket, self.messages = socket, []
        # How often the client looks whether it was closed; its default would cost ten idle seconds per socket.
        socket.TIMEOUT = 1

    async def __aenter__(self):
        await self.socket.__aenter__()
        self.task = asyncio.create_task(self.read())
        return self

    async def read(self):
        while True:
            message = await self.socket.recv()
            if message.get("e") == "error":
                raise AssertionError(f"the socket failed: {message}")
            self.messages.append(message)

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.socket.__aexit__(None, None, None)

    async def find(self, what, **wanted):
        """The first message that has these fields, waiting for it."""
        return await later(what, lambda: next((message for message in self.messages
            if all(message.get(field) == value for field, value in wanted.items())), None), self)


async def later(what, probe, *collected):
    """Repeats a probe, which may be a coroutine function, until it returns something true."""
    deadline = time.monotonic() + 15
    while True:
        seen = probe()
        seen = await seen if asyncio.iscoroutine(seen) else seen
        if seen:
            return seen
        for socket in collected:
            if socket.task.done():
                socket.task.result()
        holds(f"{what} (waited 15 s)", time.monotonic() < deadline, [socket.messages for socket in collected])
        await asyncio.sleep(0.02)


async def sockets(ledger):
    step("sockets: depth, trade, bookTicker, user data, depth cache")
    people = {name: await AsyncClient.create(*keys) for name, keys in KEYS.items()}
    managers = {name: BinanceSocketManager(client) for name, client in people.items()}
    public = managers["alice"]
    try:
        async with (Collected(public.depth_socket(MARKET)) as depths,
                    Collected(public.trade_socket(MARKET)) as trades,
                    Collected(public.symbol_book_ticker_socket(MARKET)) as tickers,
                    Collected(managers["alice"].user_socket()) as alice,
                    Collected(managers["bob"].user_socket()) as bob):
            cache = DepthCacheManager(people["bob"], MARKET, refresh_interval=0, bm=managers["bob"], conv_type=D, ws_interval=100)
            async with cache:
                cache._socket.TIMEOUT = 1
                reader = asyncio.create_task(follow(cache))
                await live(people, ledger, depths, trades, tickers, alice, bob, cache)
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)
    finally:
        await asyncio.gather(*(client.close_connection() for client in people.values()))


async def follow(cache):
    while True:
        await cache.recv()


async def live(people, ledger, depths, trades, tickers, alice, bob, cache):
    sell = await people["alice"].order_limit_sell(symbol=MARKET, quantity="0.01", price="51000", newClientOrderId="live-1")
    event = await alice.find("alice is told of her order", e="executionReport", x="NEW", i=sell["orderId"])
    order_fields("NEW", event, s=MARKET, c="live-1", S="SELL", o="LIMIT", f="GTC", q=D("0.01"), p=D(51000), X="NEW", r="NONE",
                 l=D(0), z=D(0), L=D(0), n=D(0), N=None, t=-1, w=True, m=False, Z=D(0), Y=D(0), Q=D(0))
    ledger.lock("alice", "BTC", D("0.01"))
    await position("alice", alice, ledger)

    buy = await people["bob"].order_limit_buy(symbol=MARKET, quantity="0.004", price="51000", newClientOrderId="live-2")
    ledger.trade(D(51000), D("0.004"), "bob", "alice", maker="alice")
    trade = buy["fills"][0]["tradeId"]
    await bob.find("bob is told of his order", e="executionReport", x="NEW", i=buy["orderId"])
    event = await bob.find("bob is told of his fill", e="executionReport", x="TRADE", i=buy["orderId"])
    order_fields("the taker's TRADE", event, c="live-2", S="BUY", X="FILLED", l=D("0.004"), z=D("0.004"), L=D(51000),
                 n=ledger.fee("taker", D("0.004")), N="BTC", t=trade, m=False, w=False, Y=D(204), Z=D(204))
    event = await alice.find("alice is told of her fill", e="executionReport", x="TRADE", i=sell["orderId"])
    order_fields("the maker's TRADE", event, c="live-1", S="SELL", X="PARTIALLY_FILLED", l=D("0.004"), z=D("0.004"),
                 L=D(51000), n=ledger.fee("maker", D(204)), N="USDT", t=trade, m=True, w=True, Y=D(204), Z=D(204))
    await position("alice", alice, ledger)
    await position("bob", bob, ledger)
    event = await trades.find("the trade is public", e="trade", t=trade)
    order_fields("the public trade", event, s=MARKET, p=D(51000), q=D("0.004"), m=False)
    event = await tickers.find("the best ask is public", a="51000.00000000", A="0.00600000")
    order_fields("bookTicker", event, s=MARKET, b=D(0), B=D(0))

    bids = [await people["bob"].order_limit_buy(symbol=MARKET, quantity="0.001", price=str(45000 + step * 10))
            for step in range(5)]
    await people["bob"].cancel_order(symbol=MARKET, orderId=bids[2]["orderId"])
    event = await bob.find("bob is told of his cancel", e="executionReport", x="CANCELED", i=bids[2]["orderId"])
    order_fields("CANCELED", event, X="CANCELED", C=bids[2]["clientOrderId"], z=D(0), w=False)
    holds("a cancel has an id of its own", event["c"] not in ("", bids[2]["clientOrderId"]), event["c"])
    await books(people["alice"], depths, cache)
    await people["bob"].cancel_all_open_orders(symbol=MARKET)
    await people["alice"].cancel_order(symbol=MARKET, orderId=sell["orderId"])
    ledger.lock("alice", "BTC", -D("0.006"))
    await position("alice", alice, ledger)
    await position("bob", bob, ledger)
    await books(people["alice"], depths, cache)
    await tickers.find("the book is empty again", b="0.00000000", a="0.00000000")
    ledger.compare("the sockets")


async def position(name, events, ledger):
    """The newest balances that the stream told must become those of the ledger."""

    def agrees():
        told = {}
        for event in events.messages:
            if event["e"] == "outboundAccountPosition":
                told.update({entry["a"]: [D(entry["f"]), D(entry["l"])] for entry in event["B"]})
        return told and all(told[asset] == ledger.funds[name][asset] for asset in told if asset in ("BTC", "USDT"))

    await later(f"the stream must tell {name}'s balances {ledger.funds[name]}", agrees, events)


async def books(client, depths, cache):
    """The diff stream and the client's own depth cache must become the book that REST shows."""
    events = depths.messages
    for before, event in zip(events, events[1:]):
        equal("each depth event continues the one before: U", event["U"], before["u"] + 1)

    def levels(rows):
        return [[D(price), D(quantity)] for price, quantity in rows]

    async def same():
        book = await client.get_order_book(symbol=MARKET, limit=500)
        mine = cache.get_depth_cache()
        rest = (levels(book["bids"]), levels(book["asks"]))
        if not events or events[-1]["u"] != book["lastUpdateId"] or rest != (mine.get_bids(), mine.get_asks()):
            return False
        sides = {"b": {}, "a": {}}
        for event in events:
            for side, held in sides.items():
                for price, quantity in event[side]:
                    held.update({D(price): D(quantity)})
        held = {side: [[price, size] for price, size in sorted(rows.items()) if size] for side, rows in sides.items()}
        return rest == (held["b"][::-1], held["a"])

    await later("the diff stream and the depth cache must equal the REST book", same, depths)


def main():
    clients = {name: Client(*keys) for name, keys in KEYS.items()}
    alice, bob = clients["alice"], clients["bob"]
    market = rules(alice)
    ledger = account(clients)
    order = resting(alice, bob, market, ledger)
    trades, bid = matching(alice, bob, market, ledger, order)
    cancelling(bob, ledger, bid)
    ids = history(clients, ledger, trades)
    market_data(alice, trades, ids)
    windows_and_wallet(alice, trades)
    refusals(clients, market, ledger)
    asyncio.run(sockets(ledger))
    print(f"  {checks} checks hold", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
