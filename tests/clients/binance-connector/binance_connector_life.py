"""The life of two accounts on BTC/USDT, seen through an unmodified binance-connector: REST, then streams and WebSocket API.

Every balance, fee and order is compared exactly, as a decimal, with what the rules of the exchange say it must be.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import json
import logging
import queue
from decimal import Decimal as D

from binance.error import ClientError
from binance.spot import Spot
from binance.websocket.spot.websocket_api import SpotWebsocketAPIClient
from binance.websocket.spot.websocket_stream import SpotWebsocketStreamClient

from life import FEE, KEYS, SOCKETS, URL, Ledger, equal, eventually, exact, fee, fields, holds, lots, run, step

MARKETS = {"BTCUSDT", "ETHUSDT", "ETHBTC", "SOLUSDT", "XMRBTC"}
SYMBOL = "BTCUSDT"
LOT = D("0.00001")


def fails(what, code, message, call, *arguments, **parameters):
    """A call that must be refused with this code, and with this text unless it is None."""
    try:
        answer = call(*arguments, **parameters)
    except ClientError as error:
        equal(f"{what}: code for {error.error_message!r}", error.error_code, code)
        holds(f"{what}: the text must be {message!r}", message is None or error.error_message == message, error.error_message)
        holds(f"{what}: the status must be 4xx", 400 <= error.status_code < 500, error.status_code)
        return error
    raise AssertionError(f"{what} must fail with {code}; seen: {answer!r}")


def rules(alice):
    step("ping, time, exchange_info")
    equal("ping", alice.ping(), {})
    holds("the time must be an integer", isinstance(alice.time()["serverTime"], int))
    symbols = {entry["symbol"]: entry for entry in alice.exchange_info()["symbols"]}
    equal("markets", set(symbols), MARKETS)
    equal("two markets", {entry["symbol"] for entry in alice.exchange_info(symbols=["BTCUSDT", "ETHBTC"])["symbols"]},
          {"BTCUSDT", "ETHBTC"})
    equal("one market", alice.exchange_info(symbol=SYMBOL)["symbols"], [symbols[SYMBOL]])
    filters = {entry["filterType"]: entry for entry in symbols[SYMBOL]["filters"]}
    equal("the lot", D(filters["LOT_SIZE"]["stepSize"]), LOT)


def accounts(people):
    step("account, trade_fee")
    rates = people["alice"].account()["commissionRates"]
    fields("rates of the account", rates, maker=FEE, taker=FEE)
    fees = people["alice"].trade_fee(symbol=SYMBOL)
    fields("rates of the market", fees[0], symbol=SYMBOL, makerCommission=FEE, takerCommission=FEE)
    read = lambda name: {one["asset"]: [D(one["free"]), D(one["locked"])] for one in people[name].account()["balances"]}
    return Ledger(read)


def limit(side, quantity, price, **further):
    return {"symbol": SYMBOL, "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity, "price": price, **further}


def trading(alice, bob, ledger):
    """Returns the trades that must have happened: (price, quantity, whether the buyer was the maker)."""
    trades = []

    def settle(price, quantity, buyer_is_maker):
        """A trade of bob, who buys, with alice."""
        maker, asset, given = ("bob", "USDT", price * quantity) if buyer_is_maker else ("alice", "BTC", quantity)
        ledger.lock(maker, asset, -given)
        ledger.trade(price, quantity, "bob", "alice")
        trades.append((price, quantity, buyer_is_maker))

    step("limit, market by both assets, limit maker, IOC, FOK")
    equal("a test order", alice.new_order_test(**limit("SELL", "0.02", "50000")), {})
    rests = alice.new_order(**limit("SELL", "0.02", "50000", newClientOrderId="life-1"))
    fields("a limit order", rests, symbol=SYMBOL, clientOrderId="life-1", status="NEW", price=D(50000), origQty=D("0.02"), fills=[])
    ledger.lock("alice", "BTC", D("0.02"))
    ledger.compare("an order that rests")
    fields("get_order", bob_sees_nothing_of(alice, bob, rests), status="NEW", executedQty=D(0), isWorking=True)

    # A number may be sent as one, too.
    taken = bob.new_order(**limit("BUY", 0.005, 50010))
    fields("the taker", taken, status="FILLED", executedQty=D("0.005"), cummulativeQuoteQty=D(250))
    fields("its fill", taken["fills"][0], price=D(50000), qty=D("0.005"), commission=fee(D("0.005")), commissionAsset="BTC")
    settle(D(50000), D("0.005"), False)
    ledger.compare("a match")

    bob.new_order(**limit("BUY", "0.01", "49990.03", newClientOrderId="bid"))
    ledger.lock("bob", "USDT", D("499.9003"))
    sold = alice.new_order(SYMBOL, "SELL", "MARKET", quantity="0.00437")
    # The fee of this one is no whole number of units: it is rounded up.
    cost = D("49990.03") * D("0.00437")
    fields("market sell", sold, status="FILLED", cummulativeQuoteQty=cost)
    fields("its fill", sold["fills"][0], commission=fee(cost), commissionAsset="USDT")
    settle(D("49990.03"), D("0.00437"), True)
    quantity = lots(D("123.45") / 50000, LOT)
    bought = bob.new_order(SYMBOL, "BUY", "MARKET", quoteOrderQty="123.45")
    fields("market buy by cost", bought, status="FILLED", executedQty=quantity, cummulativeQuoteQty=quantity * 50000)
    settle(D(50000), quantity, False)
    ledger.compare("market orders")

    left = D("0.015") - quantity
    fails("a limit maker that crosses", -2010, "Order would immediately match and take.", bob.new_order, SYMBOL, "BUY",
          "LIMIT_MAKER", price="50000", quantity="0.001")
    killed = bob.new_order(**limit("BUY", str(left + LOT), "50000", timeInForce="FOK"))
    fields("FOK for more than there is", killed, status="EXPIRED", executedQty=D(0))
    expired = bob.new_order(**limit("BUY", str(left + D("0.01")), "50000", timeInForce="IOC"))
    fields("IOC for more than there is", expired, status="EXPIRED", executedQty=left)
    settle(D(50000), left, False)
    ledger.compare("IOC")
    book = alice.depth(SYMBOL, limit=5)
    equal("the book", (book["bids"], book["asks"]), ([["49990.03000000", "0.00563000"]], []))

    step("cancel_order, cancel_and_replace, cancel_open_orders")
    fields("cancelled", bob.cancel_order(SYMBOL, origClientOrderId="bid"), status="CANCELED", executedQty=D("0.00437"))
    ledger.lock("bob", "USDT", -D("49990.03") * D("0.00563"))
    ledger.compare("a cancel")
    fails("cancelled twice", -2011, "Unknown order sent.", bob.cancel_order, SYMBOL, origClientOrderId="bid")
    maker = bob.new_order(SYMBOL, "BUY", "LIMIT_MAKER", price="40000", quantity="0.01")
    new = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.02", "price": "41000",
           "cancelReplaceMode": "STOP_ON_FAILURE"}
    replaced = bob.cancel_and_replace(**new, cancelOrderId=maker["orderId"])
    equal("cancelResult, newOrderResult", (replaced["cancelResult"], replaced["newOrderResult"]), ("SUCCESS", "SUCCESS"))
    error = fails("replacing it again", -2022, "Order cancel-replace failed.", bob.cancel_and_replace, **new,
                  cancelOrderId=maker["orderId"])
    equal("its data", error.error_data["newOrderResult"], "NOT_ATTEMPTED")
    ledger.lock("bob", "USDT", D(820))
    ledger.compare("a replacement")
    cancelled = bob.cancel_open_orders(SYMBOL)
    equal("cancelled", [one["orderId"] for one in cancelled], [replaced["newOrderResponse"]["orderId"]])
    ledger.lock("bob", "USDT", -D(820))
    ledger.compare("cancel_open_orders")
    return trades


def bob_sees_nothing_of(alice, bob, order):
    """An order belongs to its account alone."""
    equal("bob's orders", bob.get_open_orders(), [])
    fails("bob asks for it", -2013, "Order does not exist.", bob.get_order, SYMBOL, orderId=order["orderId"])
    fails("bob cancels it", -2011, "Unknown order sent.", bob.cancel_order, SYMBOL, orderId=order["orderId"])
    mine = alice.get_order(SYMBOL, orderId=order["orderId"])
    equal("open orders", alice.get_open_orders(SYMBOL), [mine])
    return mine


def history(people, trades):
    step("my_trades, get_orders, trades, agg_trades, klines, tickers")
    alice, bob = people["alice"], people["bob"]
    mine = eventually("bob's trades", lambda: enough(bob.my_trades(SYMBOL), len(trades)))
    for row, (price, quantity, buyer_is_maker) in zip(mine, trades):
        fields("bob's trade", row, price=price, qty=quantity, quoteQty=price * quantity, isBuyer=True, isMaker=buyer_is_maker,
               commission=fee(quantity), commissionAsset="BTC")
    wanted = ["FILLED", "CANCELED", "FILLED", "EXPIRED", "EXPIRED", "CANCELED", "CANCELED"]
    orders = eventually("bob's orders", lambda: enough(bob.get_orders(SYMBOL), len(wanted)))
    equal("bob's orders", [order["status"] for order in orders], wanted)
    for what, rows in (("trades", alice.trades(SYMBOL)), ("historical_trades", alice.historical_trades(SYMBOL))):
        equal(what, [(row["id"], D(row["price"]), D(row["qty"]), row["isBuyerMaker"]) for row in rows],
              [(own["id"], *trade) for own, trade in zip(mine, trades)])
    equal("agg_trades", [(D(row["p"]), D(row["q"]), row["m"]) for row in alice.agg_trades(SYMBOL)], trades)
    volume = sum(quantity for _, quantity, _ in trades)
    for rows in (alice.klines(SYMBOL, "1h"), alice.klines(SYMBOL, "1d", limit=3)):
        equal("volume of the klines", sum(D(row[5]) for row in rows), volume)
        equal("count of the klines", sum(row[8] for row in rows), len(trades))
    last = trades[-1][0]
    fields("ticker_24hr", alice.ticker_24hr(SYMBOL), lastPrice=last, volume=volume, count=len(trades), highPrice=D(50000))
    equal("ticker_24hr of all", {row["symbol"] for row in alice.ticker_24hr()}, MARKETS)
    fields("ticker_price", alice.ticker_price(SYMBOL), symbol=SYMBOL, price=last)
    fields("book_ticker", alice.book_ticker(SYMBOL), bidPrice=D(0), askPrice=D(0))
    equal("avg_price", exact(alice.avg_price(SYMBOL)["price"]) > 0, True)


def more_rest(people, trades):
    step("ui_klines, rolling_window_ticker, trading_day_ticker, query_commission_rates, query_allocations, get_order_rate_limit")
    alice = people["alice"]
    volume = sum(quantity for _, quantity, _ in trades)
    equal("volume of ui_klines", sum(D(row[5]) for row in alice.ui_klines(SYMBOL, "1h")), volume)
    for what, seen in (("rolling_window_ticker", alice.rolling_window_ticker(SYMBOL, windowSize="1d")),
                       ("trading_day_ticker", alice.trading_day_ticker(SYMBOL))):
        fields(what, seen, symbol=SYMBOL, volume=volume, count=len(trades), highPrice=D(50000), lastPrice=trades[-1][0])
    fields("query_commission_rates", alice.query_commission_rates(SYMBOL)["standardCommission"], maker=FEE, taker=FEE)
    equal("query_allocations", alice.query_allocations(SYMBOL), [])
    equal("get_order_rate_limit", [(one["rateLimitType"], one["interval"]) for one in alice.get_order_rate_limit()],
          [("ORDERS", "SECOND"), ("ORDERS", "DAY")])


def enough(rows, count):
    """The rows, once there are enough of them; more than that is an error at once."""
    holds(f"there must not be more than {count} rows", len(rows) <= count, rows)
    return rows if len(rows) == count else None


def refusals(people, ledger):
    step("what is refused, and how")
    alice, bob = people["alice"], people["bob"]

    def refused(code, message, **change):
        order = {key: value for key, value in {**limit("BUY", "0.01", "40000"), **change}.items() if value is not None}
        fails(f"an order with {change}", code, message, bob.new_order, **order)

    refused(-1121, "Invalid symbol.", symbol="NOPENOPE")
    refused(-1013, "Filter failure: LOT_SIZE", quantity="0.010001")
    refused(-1013, "Filter failure: PRICE_FILTER", price="40000.001")
    refused(-1013, "Filter failure: NOTIONAL", quantity="0.00001")
    refused(-1102, None, price=None)
    refused(-1100, None, quantity="many")
    refused(-1117, None, side="HOLD")
    refused(-1116, None, type="GUESS")
    refused(-2010, "Account has insufficient balance for requested action.", side="SELL", price="1000", quantity="8000")
    key, secret = KEYS["alice"]
    fails("a wrong secret", -1022, "Signature for this request is not valid.", Spot(key, secret + "x", base_url=URL).account)
    fails("an unknown key", -2015, "Invalid API-key, IP, or permissions for action.", Spot("k" * 64, secret, base_url=URL).account)
    ledger.compare("what was refused")


class Socket:
    """One of the client's sockets, which it reads in a thread of its own, with all that it told."""

    def __init__(self, kind, *arguments, **options):
        self.told, self.faults, self.messages = queue.SimpleQueue(), queue.SimpleQueue(), []
        self.client = kind(*arguments, on_message=lambda _, text: self.told.put(json.loads(text)),
                           on_error=lambda _, error: self.faults.put(error), **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop()

    def find(self, what, **wanted):
        """The first message that has these fields, waiting for it."""

        def probe():
            if not self.faults.empty():
                raise self.faults.get()
            while not self.told.empty():
                self.messages.append(self.told.get())
            return next((one for one in self.messages if all(one.get(field) == value for field, value in wanted.items())), None)

        try:
            return eventually(what, probe)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.messages}") from None

    def answer(self, number):
        """The answer to the request of this id."""
        return self.find(f"the answer to {number}", id=number)


def streams(alice, bob, ledger):
    step("stream client: trade, bookTicker, depth, combined")
    with (Socket(SpotWebsocketStreamClient, stream_url=SOCKETS) as raw,
          Socket(SpotWebsocketStreamClient, stream_url=SOCKETS, is_combined=True) as combined):
        raw.client.trade(SYMBOL, id=1)
        raw.client.book_ticker(SYMBOL, id=2)
        combined.client.diff_book_depth(SYMBOL, speed=100, id="depth")
        for socket, number in ((raw, 1), (raw, 2), (combined, "depth")):
            equal("subscribed", socket.answer(number), {"result": None, "id": number})
        raw.client.list_subscribe(id=3)
        equal("subscriptions", sorted(raw.answer(3)["result"]), ["btcusdt@bookTicker", "btcusdt@trade"])

        alice.new_order(**limit("SELL", "0.02", "51000"))
        fields("bookTicker", raw.find("the best ask", a="51000.00000000"), s=SYMBOL, A=D("0.02"), b=D(0), B=D(0))
        depth = combined.find("the depth of a combined stream", stream="btcusdt@depth@100ms")["data"]
        fields("depthUpdate", depth, e="depthUpdate", s=SYMBOL, b=[], a=[["51000.00000000", "0.02000000"]])
        taken = bob.new_order(**limit("BUY", "0.02", "51000"))
        trade = raw.find("the trade", e="trade", t=taken["fills"][0]["tradeId"])
        fields("trade", trade, s=SYMBOL, p=D(51000), q=D("0.02"), m=False)
        ledger.trade(D(51000), D("0.02"), "bob", "alice")
        raw.find("the book is empty again", a="0.00000000", b="0.00000000")
        raw.client.trade(SYMBOL, action="UNSUBSCRIBE", id=4)
        equal("unsubscribed", raw.answer(4), {"result": None, "id": 4})
    ledger.compare("the streams")


def more_streams(alice, bob, ledger):
    step("stream client: aggTrade, kline, miniTicker, ticker, windows, partial depth")
    with Socket(SpotWebsocketStreamClient, stream_url=SOCKETS) as socket:
        client = socket.client
        client.agg_trade(SYMBOL, id=1)
        client.kline(SYMBOL, "1m", id=2)
        client.mini_ticker(SYMBOL, id=3)
        client.ticker(SYMBOL, id=4)
        # Five messages a second are what one connection may send.
        for number in range(1, 5):
            equal("subscribed", socket.answer(number), {"result": None, "id": number})
        alice.new_order(**limit("SELL", "0.02", "51500"))
        bob.new_order(**limit("BUY", "0.02", "51500"))
        ledger.trade(D(51500), D("0.02"), "bob", "alice")
        fields("aggTrade", socket.find("the trade", e="aggTrade"), s=SYMBOL, p=D(51500), q=D("0.02"), m=False)
        fields("kline", socket.find("the candle", e="kline")["k"], s=SYMBOL, i="1m", c=D(51500), x=False)
        fields("miniTicker", socket.find("the day, in short", e="24hrMiniTicker"), s=SYMBOL, c=D(51500), h=D(51500))
        fields("ticker", socket.find("the day", e="24hrTicker"), s=SYMBOL, c=D(51500), Q=D("0.02"))
    with Socket(SpotWebsocketStreamClient, stream_url=SOCKETS) as socket:
        socket.client.partial_book_depth(SYMBOL, level=5, speed=100, id=1)
        socket.client.kline_timezone_offset(SYMBOL, "1d", id=2)
        socket.client.rolling_window_ticker(SYMBOL, "1h", id=3)
        for number in range(1, 4):
            equal("subscribed", socket.answer(number), {"result": None, "id": number})
        order = alice.new_order(**limit("SELL", "0.02", "51500"))
        socket.find("the top of the book", bids=[], asks=[["51500.00000000", "0.02000000"]])
        alice.cancel_order(SYMBOL, orderId=order["orderId"])
        socket.find("the top of the empty book", bids=[], asks=[])
        fields("window", socket.find("the last hour", e="1hTicker"), s=SYMBOL, c=D(51500))
    ledger.compare("more streams")


def socket_api(ledger):
    step("websocket API client: ping, time")
    with Socket(SpotWebsocketAPIClient, stream_url=SOCKETS + "/ws-api/v3") as socket:
        socket.client.ping_connectivity(id="first")
        fields("ping", socket.answer("first"), status=200, result={})
        socket.client.server_time(id=2)
        holds("the time must be an integer", isinstance(socket.answer(2)["result"]["serverTime"], int))


def main():
    logging.disable()
    people = {name: Spot(*keys, base_url=URL) for name, keys in KEYS.items()}
    alice, bob = people["alice"], people["bob"]
    rules(alice)
    ledger = accounts(people)
    trades = trading(alice, bob, ledger)
    history(people, trades)
    more_rest(people, trades)
    refusals(people, ledger)
    streams(alice, bob, ledger)
    more_streams(alice, bob, ledger)
    socket_api(ledger)


if __name__ == "__main__":
    run(main)
