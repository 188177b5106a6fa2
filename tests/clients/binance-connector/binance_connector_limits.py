"""What an unmodified binance-connector makes of an exchange that limits it.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

from binance.error import ClientError
from binance.spot import Spot

from life import equal, holds, run, step
from limits import ORDERS, REFUSALS, exchange, refused

SYMBOL = "BTCUSDT"


def main():
    with exchange() as (url, key, secret):
        client = Spot(key, secret, base_url=url, show_limit_usage=True)
        step("what is used")
        holds("the weight is told", int(client.time()["limit_usage"]["x-mbx-used-weight-1m"]) > 0)
        order = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "20000"}
        equal("the count of orders", client.new_order(SYMBOL, **order)["limit_usage"]["x-mbx-order-count-10s"], "1")
        step("too many orders")
        error = refused("orders", lambda: client.new_order(SYMBOL, **order), ClientError)
        equal("too many orders: status, code", (error.status_code, error.error_code), (429, -1015))
        counts = {one["interval"]: one for one in client.get_order_rate_limit()["data"]}
        equal("get_order_rate_limit", counts["SECOND"]["limit"], ORDERS)
        step("too many requests, then a ban")
        error = refused("requests", lambda: client.depth(SYMBOL), ClientError)
        equal("too many requests: status, code", (error.status_code, error.error_code), (429, -1003))
        holds("when to come again", 0 < int(error.header["Retry-After"]) <= 60, error.header)
        for _ in range(2 * REFUSALS):
            error = refused("requests", client.time, ClientError)
        equal("the ban: status, code", (error.status_code, error.error_code), (418, -1003))


if __name__ == "__main__":
    run(main)
