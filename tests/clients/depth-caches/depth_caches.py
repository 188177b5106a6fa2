"""Two books that clients keep by themselves, python-binance's DepthCacheManager and ccxt.pro's, beside the book of REST.

All three must be equal while 100,000 random commands change the book, each time that the commands pause.

Environment: as in life.py; RIALTO_COMMANDS for another number of commands. Exit status 0 when everything holds, 1 with the
first thing that does not.
"""

import asyncio
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal as D
from multiprocessing import get_context

import ccxt.pro
from binance import AsyncClient, BinanceSocketManager, DepthCacheManager
from binance.base_client import BaseClient

import flood
from life import KEYS, SOCKETS, URL, equal, exact, holds, later, run, step

COMMANDS = int(os.environ.get("RIALTO_COMMANDS", "100000"))
PAUSES = 10
SEED = 1
MARKET, SYMBOL = "BTC/USDT", "BTCUSDT"

BaseClient.API_URL = URL + "/api"
BinanceSocketManager.STREAM_URL = SOCKETS + "/"


def levels(rows):
    return [[exact(price), exact(quantity)] for price, quantity in rows]


class Caches:
    """Both clients, each following the market."""

    async def __aenter__(self):
        self.client = await AsyncClient.create()
        self.manager = DepthCacheManager(self.client, SYMBOL, refresh_interval=0, conv_type=D, ws_interval=100)
        await self.manager.__aenter__()
        rest = {name: URL + "/api/v3" for name in ("public", "private", "v1")}
        self.ccxt = ccxt.pro.binance({
            "enableRateLimit": False,
            "urls": {"api": {**rest, "ws": {"spot": SOCKETS + "/ws"}}},
            "options": {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False},
        })
        self.tasks = [asyncio.create_task(self.follow(self.manager.recv)),
                      asyncio.create_task(self.follow(self.ccxt.watch_order_book, MARKET))]
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.ccxt.close()
        await self.manager.__aexit__(None, None, None)
        await self.client.close_connection()

    @staticmethod
    async def follow(receive, *arguments):
        while True:
            await receive(*arguments)

    def own(self):
        """The books of both, or nothing before they have begun."""
        for task in self.tasks:
            if task.done():
                task.result()
        cache, book = self.manager.get_depth_cache(), self.ccxt.orderbooks.get(MARKET)
        if cache is None or book is None or book["nonce"] is None:
            return None
        return [(cache.get_bids(), cache.get_asks()), (levels(book["bids"]), levels(book["asks"]))]

    async def agree(self, what):
        """Both must become the book of REST, which does not change now."""
        book = await self.client.get_order_book(symbol=SYMBOL, limit=5000)
        rest = (levels(book["bids"]), levels(book["asks"]))
        await later(f"both caches must equal the REST book {what}", lambda: self.own() == [rest, rest])
        equal("ccxt's nonce", self.ccxt.orderbooks[MARKET]["nonce"], book["lastUpdateId"])
        return rest


async def main():
    step(f"{COMMANDS} random commands, seed {SEED}")
    answers, levels_seen, start = Counter(), 0, time.monotonic()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        async with Caches() as caches:
            await later("both caches must begin", caches.own)
            for pause in range(PAUSES):
                count = COMMANDS * (pause + 1) // PAUSES - COMMANDS * pause // PAUSES
                arguments = (URL, list(KEYS.values()), SYMBOL, count, f"{SEED}.{pause}")
                answers += await asyncio.get_running_loop().run_in_executor(pool, flood.run, *arguments)
                bids, asks = await caches.agree(f"after {answers.total()} commands")
                levels_seen = max(levels_seen, len(bids) + len(asks))
    equal("answers", answers.total(), COMMANDS)
    holds("most commands must have done something", answers[200] > COMMANDS // 2, answers)
    holds("the book must have had many levels", levels_seen > 40, levels_seen)
    rate = COMMANDS / (time.monotonic() - start)
    step(f"{rate:.0f} commands a second, up to {levels_seen} levels, answers {dict(answers)}")


if __name__ == "__main__":
    run(main)
