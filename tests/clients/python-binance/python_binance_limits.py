"""What an unmodified python-binance makes of an exchange that limits it.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

from binance import Client
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

from life import equal, holds, run, step
from limits import ORDERS, REFUSALS, exchange, refused

MARKET = "BTCUSDT"


def main():
    with exchange() as (url, key, secret):
        BaseClient.API_URL = url + "/api"
        client = Client(key, secret)
        step("what is used")
        client.ping()
        holds("the weight is told", int(client.response.headers["X-MBX-USED-WEIGHT-1M"]) > 0, client.response.headers)
        client.order_limit_buy(symbol=MARKET, quantity="0.001", price="20000")
        equal("the count of orders", client.response.headers["X-MBX-ORDER-COUNT-10S"], "1")
        step("too many orders")
        order = {"symbol": MARKET, "quantity": "0.001", "price": "20000"}
        error = refused("orders", lambda: client.order_limit_buy(**order), BinanceAPIException)
        equal("too many orders: status, code", (error.status_code, error.code), (429, -1015))
        counts = {one["interval"]: one for one in client.get_current_order_count()}
        equal("get_current_order_count", counts["SECOND"]["limit"], ORDERS)
        step("too many requests, then a ban")
        error = refused("requests", lambda: client.get_order_book(symbol=MARKET), BinanceAPIException)
        equal("too many requests: status, code", (error.status_code, error.code), (429, -1003))
        holds("when to come again", 0 < int(error.response.headers["Retry-After"]) <= 60, error.response.headers)
        for _ in range(2 * REFUSALS):
            error = refused("requests", client.get_server_time, BinanceAPIException)
        equal("the ban: status, code", (error.status_code, error.code), (418, -1003))


if __name__ == "__main__":
    run(main)
