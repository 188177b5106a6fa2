"""Orders that wait, hide, change and belong together, through the WebSocket API of an unmodified python-binance.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

from binance import Client
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

import orders
from life import KEYS, SOCKETS, URL, run
from orders import SYMBOL

BaseClient.API_URL = URL + "/api"
BaseClient.WS_API_URL = SOCKETS + "/ws-api/v3"


class Person(orders.Person):
    refused = BinanceAPIException

    def __init__(self, key, secret):
        self.client = Client(key, secret)

    def refusal(self, error):
        return error.code, error.message

    def place(self, **parameters):
        return self.client.ws_create_order(symbol=SYMBOL, **parameters)

    def replace(self, **parameters):
        return self.client.ws_cancel_and_replace_order(symbol=SYMBOL, **parameters)

    def amend(self, **parameters):
        # The client has no name for this one yet.
        return self.client._ws_api_request_sync("order.amend.keepPriority", True, {"symbol": SYMBOL, **parameters})

    def cancel(self, **parameters):
        return self.client.ws_cancel_order(symbol=SYMBOL, **parameters)

    def cancel_all(self):
        return self.client.ws_cancel_all_open_orders(symbol=SYMBOL)

    def order(self, **parameters):
        return self.client.ws_get_order(symbol=SYMBOL, **parameters)

    def open(self):
        return self.client.ws_get_open_orders()

    def oco(self, **parameters):
        return self.client.ws_create_oco_order(symbol=SYMBOL, **parameters)

    def oto(self, **parameters):
        return self.client.ws_create_oto_order(symbol=SYMBOL, **parameters)

    def otoco(self, **parameters):
        return self.client.ws_create_otoco_order(symbol=SYMBOL, **parameters)

    def list(self, **parameters):
        return self.client.ws_get_oco_order(**parameters)

    def cancel_list(self, **parameters):
        return self.client.ws_cancel_oco_order(symbol=SYMBOL, **parameters)

    def account(self):
        return self.client.ws_get_account()

    def depth(self):
        return self.client.ws_get_order_book(symbol=SYMBOL, limit=100)


def main():
    orders.everything(*(Person(*keys) for keys in KEYS.values()))


if __name__ == "__main__":
    run(main)
