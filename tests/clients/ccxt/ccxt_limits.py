"""What an unmodified ccxt makes of an exchange that limits it.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import ccxt

from life import equal, holds, run, step
from limits import ORDERS, REFUSALS, WEIGHT, exchange, refused

MARKET = "BTC/USDT"


def main():
    with exchange() as (url, key, secret):
        rest = {name: url + "/api/v3" for name in ("public", "private", "v1")}
        client = ccxt.binance({
            "apiKey": key, "secret": secret, "enableRateLimit": False, "urls": {"api": rest},
            "options": {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False},
        })
        step("what is used")
        client.load_markets()
        limits = {one["rateLimitType"] + one["interval"]: one["limit"] for one in client.public_get_exchangeinfo()["rateLimits"]}
        equal("limits", (limits["REQUEST_WEIGHTMINUTE"], limits["ORDERSSECOND"]), (WEIGHT, ORDERS))
        holds("the weight is told", int(client.last_response_headers["X-Mbx-Used-Weight-1m"]) > 0, client.last_response_headers)
        step("too many orders")
        error = refused("orders", lambda: client.create_order(MARKET, "limit", "buy", 0.001, 20000), ccxt.DDoSProtection)
        holds("the code of too many orders", "-1015" in str(error), str(error))
        step("too many requests, then a ban")
        error = refused("requests", lambda: client.fetch_order_book(MARKET), ccxt.DDoSProtection)
        holds("the status, the code", "429" in str(error) and "-1003" in str(error), str(error))
        for _ in range(2 * REFUSALS):
            error = refused("requests", client.fetch_time, ccxt.DDoSProtection)
        holds("the ban", "418" in str(error), str(error))


if __name__ == "__main__":
    run(main)
