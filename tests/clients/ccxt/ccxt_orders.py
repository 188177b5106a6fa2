"""Orders that wait, hide, change and belong together, through an unmodified ccxt.

Orders are placed and asked for by ccxt's unified calls where it has them, and lists by its calls of the same names as
Binance's.

Environment: as in life.py. Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import json
from decimal import Decimal as D

import ccxt

import orders
from life import KEYS, URL, equal, exact, holds, run
from orders import SYMBOL

MARKET = "BTC/USDT"
# How ccxt must understand what is refused.
EXCEPTIONS = {
    "Order would trigger immediately.": ccxt.OrderImmediatelyFillable,
    "Order amend (quantity increase) is not supported.": ccxt.ExchangeError,
    "Order cancel-replace failed.": ccxt.ExchangeError,
}
# ccxt has no word of its own for the last one.
STATUS = {"NEW": "open", "PARTIALLY_FILLED": "open", "FILLED": "closed", "CANCELED": "canceled", "EXPIRED": "expired",
          "PENDING_NEW": "PENDING_NEW"}


class Person(orders.Person):
    refused = ccxt.ExchangeError

    def __init__(self, key, secret):
        rest = {name: URL + "/api/v3" for name in ("public", "private", "v1")}
        self.client = ccxt.binance({
            "apiKey": key, "secret": secret, "number": str, "enableRateLimit": False, "urls": {"api": rest},
            "options": {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False,
                        "fetchOpenOrders": {"warnWithoutSymbol": False}},
        })

    def refusal(self, error):
        answer = json.loads(self.client.last_http_response)
        holds("the text must be in the exception", answer["msg"] in str(error), error)
        equal(f"exception for {answer}", type(error), EXCEPTIONS[answer["msg"]])
        return answer["code"], answer["msg"]

    @staticmethod
    def info(order):
        """Binance's record of an order, after ccxt's own was compared with it."""
        info = order["info"]
        equal("id, status", (order["id"], order["status"]), (str(info["orderId"]), STATUS[info["status"]]))
        equal("amount, filled", (exact(order["amount"]), exact(order["filled"])), (D(info["origQty"]), D(info["executedQty"])))
        if D(info.get("stopPrice", "0")):
            equal("triggerPrice", exact(order["triggerPrice"]), D(info["stopPrice"]))
        # ccxt leaves numbers as texts there.
        return {**info, **{name: int(info[name]) for name in ("workingTime", "trailingDelta") if name in info},
                **{name: info[name] in (True, "true") for name in ("isWorking",) if name in info}}

    def place(self, side, type, quantity, price=None, stopPrice=None, trailingDelta=None, icebergQty=None, newClientOrderId=None,
              **further):
        if stopPrice is not None:
            further["takeProfitPrice" if "TAKE_PROFIT" in type else "stopLossPrice"] = stopPrice
        if trailingDelta is not None:
            further.update(trailingPercent=trailingDelta / 100, stopLossOrTakeProfit="stopLoss")
        if icebergQty is not None:
            further["icebergAmount"] = icebergQty
        if newClientOrderId is not None:
            further["clientOrderId"] = newClientOrderId
        kind = "limit" if price is not None else "market"
        placed = self.client.create_order(MARKET, kind, side.lower(), quantity, price, further)
        equal("type", placed["info"]["type"], type)
        return self.info(placed)

    def replace(self, **parameters):
        return self.client.private_post_order_cancelreplace({"symbol": SYMBOL, **parameters})

    def amend(self, **parameters):
        # The client has no name for this one yet.
        return self.client.request("order/amend/keepPriority", ["private"], "PUT", {"symbol": SYMBOL, **parameters})

    def cancel(self, origClientOrderId):
        return self.info(self.client.cancel_order("", MARKET, {"clientOrderId": origClientOrderId}))

    def cancel_all(self):
        return self.client.cancel_all_orders(MARKET)

    def order(self, orderId="", origClientOrderId=None):
        return self.info(self.client.fetch_order(orderId, MARKET, {"clientOrderId": origClientOrderId} if origClientOrderId else {}))

    def open(self):
        return [self.info(order) for order in self.client.fetch_open_orders()]

    def oco(self, **parameters):
        return self.client.private_post_orderlist_oco({"symbol": SYMBOL, **parameters})

    def oto(self, **parameters):
        return self.client.private_post_orderlist_oto({"symbol": SYMBOL, **parameters})

    def otoco(self, **parameters):
        return self.client.private_post_orderlist_otoco({"symbol": SYMBOL, **parameters})

    def list(self, **parameters):
        return self.client.private_get_orderlist(parameters)

    def cancel_list(self, **parameters):
        return self.client.private_delete_orderlist({"symbol": SYMBOL, **parameters})

    def account(self):
        return self.client.fetch_balance()["info"]

    def depth(self):
        return self.client.public_get_depth({"symbol": SYMBOL, "limit": 100})


def main():
    orders.everything(*(Person(*keys) for keys in KEYS.values()))


if __name__ == "__main__":
    run(main)
