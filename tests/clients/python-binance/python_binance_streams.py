"""Market streams that show a state, seen through an unmodified python-binance: every socket that it has for one market or all.

Environment and exit status as for python_binance_life.py.
"""

import asyncio
import contextlib
import sys
import traceback
from decimal import Decimal as D

import python_binance_life
from python_binance_life import KEYS, MARKET, AsyncClient, BinanceSocketManager, equal, holds, later, number, step


class Heard:
    """The newest message of one socket, be it an object or an array."""

    def __init__(self, socket):
        self.socket, self.messages = socket, []
        socket.TIMEOUT = 1

    async def __aenter__(self):
        await self.socket.__aenter__()
        self.task = asyncio.create_task(self.read())
        return self

    async def read(self):
        while True:
            message = await self.socket.recv()
            if message is not None:
                holds("the socket works", not (isinstance(message, dict) and message.get("e") == "error"), message)
                self.messages.append(message)

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.socket.__aexit__(None, None, None)

    def about(self, fields):
        """The newest message about the market that has these fields, whether alone, wrapped or in an array."""
        for message in reversed(self.messages):
            inner = message.get("data", message) if isinstance(message, dict) else message
            for one in inner if isinstance(inner, list) else [inner]:
                flat = {**one, **one.get("k", {})}
                if flat.get("s", MARKET) == MARKET and all(same(flat.get(name), value) for name, value in fields.items()):
                    return flat
        return None


def same(seen, wanted):
    return D(seen) == wanted if isinstance(wanted, D) and isinstance(seen, str) else seen == wanted


async def main():
    people = {name: await AsyncClient.create(*keys) for name, keys in KEYS.items()}
    sockets = BinanceSocketManager(people["alice"])
    volume, quote = D("0.04"), D("0.03") * 50000 + D("0.01") * 50100
    day = {"c": D(50100), "o": D(50000), "h": D(50100), "l": D(50000), "v": volume, "q": quote}
    wanted = {
        "kline": (sockets.kline_socket(MARKET), {"o": D(50000), "c": D(50100), "v": volume, "n": 3}),
        "kline of UTC+8": (sockets.multiplex_socket([f"{MARKET.lower()}@kline_1d@+08:00"]), {"i": "1d", "v": volume, "n": 3}),
        "aggTrade": (sockets.aggtrade_socket(MARKET), {"p": D(50000), "q": D("0.03"), "f": 1, "l": 2}),
        "miniTicker": (sockets.symbol_miniticker_socket(MARKET), day),
        "!miniTicker@arr": (sockets.miniticker_socket(1000), day),
        "ticker": (sockets.symbol_ticker_socket(MARKET), {**day, "n": 3, "a": D(50100), "A": D("0.02")}),
        "!ticker@arr": (sockets.ticker_socket(), {**day, "n": 3}),
        "ticker_1h": (sockets.multiplex_socket([f"{MARKET.lower()}@ticker_1h"]), {**day, "e": "1hTicker"}),
        "avgPrice": (sockets.multiplex_socket([f"{MARKET.lower()}@avgPrice"]), {"w": quote / volume, "i": "5m"}),
        "bookTicker": (sockets.symbol_book_ticker_socket(MARKET), {"a": D(50100), "A": D("0.02")}),
        "!bookTicker": (sockets.book_ticker_socket(), {"a": D(50100), "A": D("0.02")}),
        "depth5": (sockets.depth_socket(MARKET, depth="5"), {"bids": [], "asks": [["50100.00000000", "0.02000000"]]}),
    }
    step("sockets: " + ", ".join(wanted))
    try:
        async with contextlib.AsyncExitStack() as stack:
            heard = {name: await stack.enter_async_context(Heard(socket)) for name, (socket, _) in wanted.items()}
            # Three makers at two prices: three trades, two aggregates.
            for quantity, price in (("0.01", "50000"), ("0.02", "50000"), ("0.03", "50100")):
                await people["alice"].order_limit_sell(symbol=MARKET, quantity=quantity, price=price)
            await people["bob"].order_limit_buy(symbol=MARKET, quantity="0.04", price="50100")
            for name, (_, fields) in wanted.items():
                message = await later(f"{name} must tell {fields}", lambda: heard[name].about(fields), heard[name])
                if "P" in message:
                    number(f"{name}: the change in percent", message["P"], D("0.2"))
            holds("the depth of 5 has an update id", heard["depth5"].messages[-1]["lastUpdateId"] > 0)
            equal("the ids of the trades", [heard["ticker"].messages[-1][field] for field in "FL"], [1, 3])
    finally:
        await asyncio.gather(*(client.close_connection() for client in people.values()))
    print(f"  {python_binance_life.checks} checks hold", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Exception:
        traceback.print_exc()
        sys.exit(1)
