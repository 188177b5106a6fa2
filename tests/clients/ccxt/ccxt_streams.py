"""Market streams that show a state, seen through an unmodified ccxt.pro: what they tell must be what REST says.

Environment and exit status as for ccxt_life.py.
"""

import asyncio
import sys
import time
import traceback
from decimal import Decimal as D

import ccxt_life
from ccxt_life import KEYS, LIVE, Watcher, equal, exact, later, live_fields, step

MINUTE_MS = 60_000


async def main():
    alice, bob, zoned = (Watcher(*KEYS[name]) for name in ("alice", "bob", "alice"))
    everybody = (alice, bob, zoned)
    try:
        for watcher in everybody:
            await watcher.client.load_markets()
        step("ccxt.pro: watch_ticker(s), watch_bids_asks, watch_ohlcv, watch_trades over aggTrade")
        alice.watch("ticker", LIVE, {"name": "ticker"})
        alice.watch("ohlcv", LIVE, "1m")
        alice.watch("trades", LIVE, None, None, {"name": "aggTrade"})
        bob.watch("tickers", None, {"name": "ticker"})
        bob.watch("bids_asks", [LIVE])
        zoned.watch("ohlcv", LIVE, "1d", None, None, {"timezone": "+08:00"})
        zoned.watch("tickers")
        await later("the market that never traded is shown", lambda: LIVE in alice.client.tickers, *everybody)

        # Three makers at two prices: three trades, two aggregates.
        for amount, price in ((0.1, 3000), (0.2, 3000), (0.3, 3010)):
            await alice.client.create_order(LIVE, "limit", "sell", amount, price)
        await bob.client.create_order(LIVE, "limit", "buy", 0.4, 3010)
        volume, quote = D("0.4"), D("0.3") * 3000 + D("0.1") * 3010
        for name, watcher in (("watch_ticker", alice), ("watch_tickers", bob)):
            ticker = await later(f"{name} tells the trade", lambda: traded(watcher), *everybody)
            live_fields(name, ticker, last=D(3010), open=D(3000), high=D(3010), low=D(3000), baseVolume=volume,
                        quoteVolume=quote, change=D(10), ask=D(3010), askVolume=D("0.2"))
        ticker = await later("the mini ticker tells the trade", lambda: traded(zoned), *everybody)
        live_fields("the mini ticker", ticker, last=D(3010), high=D(3010), low=D(3000), quoteVolume=quote)
        best = await later("watch_bids_asks tells the best ask", lambda: bob.client.bidsasks.get(LIVE), *everybody)
        live_fields("watch_bids_asks", best, ask=D(3010), askVolume=D("0.2"))
        trades = await later("both aggregates come", lambda: both(alice.client.trades.get(LIVE)), *everybody)
        equal("the aggregates", [(exact(one["price"]), exact(one["amount"])) for one in trades],
              [(D(3000), D("0.3")), (D(3010), D("0.1"))])

        row = await later("the day of UTC+8 comes", lambda: candle(zoned, "1d"), *everybody)
        equal("the day of UTC+8", [exact(value) for value in row[1:]], [D(3000), D(3010), D(3000), D(3010), volume])
        equal("when it opens, by its own clock", (row[0] + 8 * 60 * MINUTE_MS) % (24 * 60 * MINUTE_MS), 0)
        equal("it runs now", row[0] <= time.time() * 1_000 < row[0] + 24 * 60 * MINUTE_MS, True)
        await later("the minute comes", lambda: candle(alice, "1m"), *everybody)
        await later("ccxt's candles become those of REST", lambda: same_candles(alice), *everybody)
    finally:
        await asyncio.gather(*(watcher.close() for watcher in everybody))
    print(f"  {ccxt_life.checks} checks hold", flush=True)


def traded(watcher):
    ticker = watcher.client.tickers.get(LIVE)
    return ticker if ticker and ticker["last"] else None


def both(trades):
    return list(trades) if trades and len(trades) == 2 else None


def candle(watcher, timeframe):
    rows = watcher.client.ohlcvs.get(LIVE, {}).get(timeframe)
    return rows[-1] if rows else None


async def same_candles(watcher):
    rows = watcher.client.ohlcvs[LIVE]["1m"]
    rest = {row[0]: row for row in await watcher.client.fetch_ohlcv(LIVE, "1m")}
    return all(rest.get(row[0]) == row for row in rows)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Exception:
        traceback.print_exc()
        sys.exit(1)
