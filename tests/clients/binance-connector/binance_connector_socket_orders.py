"""Orders that wait, hide, change and belong together, through the WebSocket API client of an unmodified binance-connector.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import json
import logging
import queue

from binance.lib.utils import websocket_api_signature
from binance.websocket.spot.websocket_api import SpotWebsocketAPIClient

import orders
from life import KEYS, SOCKETS, run
from orders import SYMBOL


class Refused(Exception):
    """The client hands over what it received as it is; this makes an exception of an answer that is none of success."""


class Person(orders.Person):
    refused = Refused

    def __init__(self, key, secret):
        self.answers, self.count = queue.SimpleQueue(), 0
        self.client = SpotWebsocketAPIClient(
            stream_url=SOCKETS + "/ws-api/v3", api_key=key, api_secret=secret,
            on_message=lambda _, text: self.answers.put(json.loads(text)), on_error=lambda _, error: self.answers.put(error))

    def refusal(self, error):
        return error.args[0]["code"], error.args[0]["msg"]

    def ask(self, call, *arguments, **parameters):
        """Calls the client and waits for the answer of this id."""
        self.count += 1
        call(*arguments, **parameters, id=self.count)
        answer = self.answers.get(timeout=15)
        if isinstance(answer, Exception):
            raise answer
        if answer["id"] != self.count:
            raise AssertionError(f"the answer to {self.count} must bear its id; seen: {answer}")
        if answer["status"] != 200:
            raise Refused(answer["error"])
        return answer["result"]

    def place(self, **parameters):
        return self.ask(self.client.new_order, SYMBOL, **parameters)

    def replace(self, **parameters):
        return self.ask(self.client.cancel_replace_order, SYMBOL, **parameters)

    def amend(self, **parameters):
        # The client has no name for this one yet.
        signed = websocket_api_signature(self.client.api_key, self.client.api_secret, {"symbol": SYMBOL, **parameters})
        return self.ask(lambda id: self.client.send({"id": id, "method": "order.amend.keepPriority", "params": signed}))

    def cancel(self, **parameters):
        return self.ask(self.client.cancel_order, SYMBOL, **parameters)

    def cancel_all(self):
        return self.ask(self.client.cancel_open_orders, SYMBOL)

    def order(self, **parameters):
        return self.ask(self.client.get_order, SYMBOL, **parameters)

    def open(self):
        return self.ask(self.client.get_open_orders)

    def oco(self, **parameters):
        return self.ask(self.client.new_oco_order, SYMBOL, **parameters)

    def oto(self, **parameters):
        return self.ask(self.client.new_oto_order, SYMBOL, **parameters)

    def otoco(self, **parameters):
        return self.ask(self.client.new_otoco_order, SYMBOL, **parameters)

    def list(self, **parameters):
        return self.ask(self.client.get_oco_order, **parameters)

    def cancel_list(self, **parameters):
        return self.ask(self.client.cancel_oco_order, SYMBOL, **parameters)

    def account(self):
        return self.ask(self.client.account)

    def depth(self):
        return self.ask(self.client.order_book, SYMBOL, limit=100)


def main():
    logging.disable()
    people = [Person(*keys) for keys in KEYS.values()]
    try:
        orders.everything(*people)
    finally:
        for person in people:
            person.client.stop()


if __name__ == "__main__":
    run(main)
