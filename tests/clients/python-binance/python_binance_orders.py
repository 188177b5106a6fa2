"""Orders that wait, hide, change and belong together, through an unmodified python-binance.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

from binance import Client
from binance.base_client import BaseClient
from binance.exceptions import BinanceAPIException

import orders
from life import KEYS, URL, run
from orders import SYMBOL

BaseClient.API_URL = URL + "/api"


class Person(orders.Person):
    refused = BinanceAPIException

    def __init__(self, key, secret):
        self.client = Client(key, secret)

    def refusal(self, error):
        return error.code, error.message

    def place(self, **parameters):
        return self.client.create_order(symbol=SYMBOL, **parameters)

    def replace(self, **parameters):
        return self.client.cancel_replace_order(symbol=SYMBOL, **parameters)

    def amend(self, **parameters):
        # The client has no name for this one yet.
        return self.client._put("order/amend/keepPriority", True, data={"symbol": SYMBOL, **parameters}, version="v3")

    def cancel(self, **parameters):
        return self.client.cancel_order(symbol=SYMBOL, **parameters)

    def cancel_all(self):
        return self.client.cancel_all_open_orders(symbol=SYMBOL)

    def order(self, **parameters):
        return self.client.get_order(symbol=SYMBOL, **parameters)

    def open(self):
        return self.client.get_open_orders()

    def oco(self, **parameters):
        return self.client.create_oco_order(symbol=SYMBOL, **parameters)

    def oto(self, **parameters):
        return self.client.v3_post_order_list_oto(symbol=SYMBOL, **parameters)

    def otoco(self, **parameters):
        return self.client.v3_post_order_list_otoco(symbol=SYMBOL, **parameters)

    def list(self, **parameters):
        return self.client.v3_get_order_list(**parameters)

    def cancel_list(self, **parameters):
        return self.client.v3_delete_order_list(symbol=SYMBOL, **parameters)

    def account(self):
        return self.client.get_account()

    def depth(self):
        return self.client.get_order_book(symbol=SYMBOL, limit=100)


def main():
    orders.everything(*(Person(*keys) for keys in KEYS.values()))


if __name__ == "__main__":
    run(main)
