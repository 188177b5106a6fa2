"""Orders that wait, hide, change and belong together, through an unmodified binance-connector.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

from binance.error import ClientError
from binance.spot import Spot

import orders
from life import KEYS, URL, run
from orders import SYMBOL


class Person(orders.Person):
    refused = ClientError

    def __init__(self, key, secret):
        self.client = Spot(key, secret, base_url=URL)

    def refusal(self, error):
        return error.error_code, error.error_message

    def place(self, **parameters):
        return self.client.new_order(SYMBOL, **parameters)

    def replace(self, **parameters):
        return self.client.cancel_and_replace(SYMBOL, **parameters)

    def amend(self, **parameters):
        # The client has no name for this one yet.
        return self.client.sign_request("PUT", "/api/v3/order/amend/keepPriority", {"symbol": SYMBOL, **parameters})

    def cancel(self, **parameters):
        return self.client.cancel_order(SYMBOL, **parameters)

    def cancel_all(self):
        return self.client.cancel_open_orders(SYMBOL)

    def order(self, **parameters):
        return self.client.get_order(SYMBOL, **parameters)

    def open(self):
        return self.client.get_open_orders()

    def oco(self, **parameters):
        return self.client.new_oco_order(SYMBOL, **parameters)

    def oto(self, **parameters):
        return self.client.new_oto_order(SYMBOL, **parameters)

    def otoco(self, **parameters):
        return self.client.new_otoco_order(SYMBOL, **parameters)

    def list(self, **parameters):
        return self.client.get_oco_order(**parameters)

    def cancel_list(self, **parameters):
        return self.client.cancel_oco_order(SYMBOL, **parameters)

    def account(self):
        return self.client.account()

    def depth(self):
        return self.client.depth(SYMBOL, limit=100)


def main():
    orders.everything(*(Person(*keys) for keys in KEYS.values()))


if __name__ == "__main__":
    run(main)
