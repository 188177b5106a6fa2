"""Orders that wait, hide, change and belong together, as two accounts live through them on BTC/USDT with any client.

Every status, book and balance is compared exactly with what the rules of the exchange say it must be.
"""

from decimal import Decimal as D

from life import Ledger, equal, fields, holds, step

SYMBOL = "BTCUSDT"


class Person:
    """One account behind a client: each method takes Binance's parameters and gives Binance's answer, by the client's own call.

    `refused` is the client's exception for a request that the exchange refuses.
    """

    refused = None

    def place(self, **parameters): ...
    def replace(self, **parameters): ...
    def amend(self, **parameters): ...
    def cancel(self, **parameters): ...
    def cancel_all(self): ...
    def order(self, **parameters): ...
    def open(self): ...
    def oco(self, **parameters): ...
    def oto(self, **parameters): ...
    def otoco(self, **parameters): ...
    def list(self, **parameters): ...
    def cancel_list(self, **parameters): ...
    def account(self): ...
    def depth(self): ...

    def refusal(self, error):
        """The code and the text of the client's exception."""
        raise NotImplementedError

    def limit(self, side, quantity, price, **further):
        return self.place(side=side, type="LIMIT", timeInForce="GTC", quantity=quantity, price=price,
                          newOrderRespType="FULL", **further)

    def status(self, name):
        """Of the order that the account called so."""
        return self.order(origClientOrderId=name)["status"]


class Life:
    """Both accounts and what they must own."""

    def __init__(self, alice, bob):
        self.alice, self.bob = alice, bob
        people = {"alice": alice, "bob": bob}
        read = lambda name: {one["asset"]: [D(one["free"]), D(one["locked"])] for one in people[name].account()["balances"]}
        self.ledger = Ledger(read)

    def lock(self, name, asset, amount):
        self.ledger.lock(name, asset, D(amount))

    def trade(self, price, quantity, buyer, seller):
        self.ledger.trade(D(price), D(quantity), buyer, seller)

    def traded(self, price):
        """A trade of 0.01 at this price, which leaves nothing in the book: it becomes the last price."""
        self.alice.limit("SELL", "0.01", price)
        fields(f"a trade at {price}", self.bob.limit("BUY", "0.01", price), status="FILLED", cummulativeQuoteQty=D(price) / 100)
        self.trade(price, "0.01", "bob", "alice")

    def taken(self, name, side, quantity, price):
        """A limit order that must be filled at its own price by orders of the other account, whose funds are locked."""
        filled = getattr(self, name).limit(side, quantity, price)
        fields(f"{name}'s {side} of {quantity}", filled, status="FILLED", cummulativeQuoteQty=D(price) * D(quantity))
        other = "alice" if name == "bob" else "bob"
        if side == "BUY":
            self.lock(other, "BTC", -D(quantity))
            self.trade(price, quantity, name, other)
        else:
            self.lock(other, "USDT", -D(price) * D(quantity))
            self.trade(price, quantity, other, name)

    def bids(self, name, quantity, price):
        """A bid that rests."""
        getattr(self, name).limit("BUY", quantity, price)
        self.lock(name, "USDT", D(price) * D(quantity))

    def hit(self, name, quantity, price):
        """This account's bid was hit by an order of the other that had waited, with its BTC locked."""
        other = "alice" if name == "bob" else "bob"
        self.lock(name, "USDT", -D(price) * D(quantity))
        self.lock(other, "BTC", -D(quantity))
        self.trade(price, quantity, name, other)

    def book(self, bids, asks):
        seen = self.bob.depth()
        for side, wanted in (("bids", bids), ("asks", asks)):
            equal(side, seen[side], [[f"{D(price):.8f}", f"{D(quantity):.8f}"] for price, quantity in wanted])

    def fails(self, what, code, message, call, **parameters):
        person = self.bob
        try:
            answer = call(**parameters)
        except person.refused as error:
            equal(what, person.refusal(error), (code, message))
        else:
            raise AssertionError(f"{what} must be refused with {code}; seen: {answer!r}")


def everything(alice, bob):
    """The whole scenario, from an empty book to an empty book."""
    life = Life(alice, bob)
    for part in (contingent, trailing, iceberg, keeps_priority, replaced, oco, oto, otoco):
        part(life)
        life.book([], [])
        life.ledger.compare(part.__name__)
        equal("open orders", alice.open() + bob.open(), [])


def contingent(life):
    step("stop-loss, stop-loss-limit, take-profit, take-profit-limit")
    alice, bob = life.alice, life.bob
    life.traded("50000")
    sell = {"side": "SELL", "newOrderRespType": "RESULT"}
    stop = bob.place(**sell, type="STOP_LOSS", quantity="0.02", stopPrice="49000", newClientOrderId="stop")
    fields("a stop that waits", stop, status="NEW", stopPrice=D(49000), executedQty=D(0), workingTime=-1, type="STOP_LOSS")
    bob.place(**sell, type="STOP_LOSS_LIMIT", timeInForce="GTC", quantity="0.03", stopPrice="48900", price="48800",
              newClientOrderId="stop-limit")
    bob.place(**sell, type="TAKE_PROFIT", quantity="0.01", stopPrice="52000", newClientOrderId="profit")
    bob.place(**sell, type="TAKE_PROFIT_LIMIT", timeInForce="GTC", quantity="0.04", stopPrice="52000", price="52010",
              icebergQty="0.01", newClientOrderId="profit-limit")
    life.lock("bob", "BTC", "0.1")
    life.book([], [])
    life.ledger.compare("four that wait")
    fields("asked for", bob.order(origClientOrderId="stop-limit"), status="NEW", isWorking=False, price=D(48800), stopPrice=D(48900))
    life.fails("a stop that would trigger", -2010, "Order would trigger immediately.", bob.place, **sell, type="STOP_LOSS",
               quantity="0.02", stopPrice="50000")

    life.bids("alice", "0.02", "48950")
    life.traded("49000")
    life.hit("alice", "0.02", "48950")
    fields("the stop", bob.order(origClientOrderId="stop"), status="FILLED", executedQty=D("0.02"), cummulativeQuoteQty=D(979))
    life.ledger.compare("a stop")
    life.traded("48900")
    fields("the stop-limit", bob.order(origClientOrderId="stop-limit"), status="NEW", isWorking=True)
    life.book([], [("48800", "0.03")])
    life.taken("alice", "BUY", "0.03", "48800")
    equal("the stop-limit", bob.status("stop-limit"), "FILLED")
    life.ledger.compare("a stop-limit")

    life.bids("alice", "0.01", "51990")
    life.traded("52000")
    life.hit("alice", "0.01", "51990")
    equal("the take-profit", bob.status("profit"), "FILLED")
    life.book([], [("52010", "0.01")])
    # The part that shows is filled and shown again, each time in a trade of its own.
    filled = alice.limit("BUY", "0.04", "52010")
    equal("its fills", [D(fill["qty"]) for fill in filled["fills"]], [D("0.01")] * 4)
    life.lock("bob", "BTC", "-0.04")
    for _ in range(4):
        life.trade("52010", "0.01", "alice", "bob")
    equal("the take-profit-limit", bob.status("profit-limit"), "FILLED")


def trailing(life):
    step("trailing stop")
    stop = life.bob.place(side="SELL", type="STOP_LOSS", quantity="0.02", trailingDelta=200, newClientOrderId="trailing",
                          newOrderRespType="RESULT")
    fields("a stop that trails", stop, status="NEW", trailingDelta=200)
    life.lock("bob", "BTC", "0.02")
    life.bids("alice", "0.02", "51900")
    life.traded("53000")
    # 2 % below 53000 are 51940.
    life.traded("51941")
    equal("the trailing stop above its price", life.bob.status("trailing"), "NEW")
    life.ledger.compare("a trailing stop that waits")
    life.traded("51940")
    life.hit("alice", "0.02", "51900")
    equal("the trailing stop at its price", life.bob.status("trailing"), "FILLED")


def iceberg(life):
    step("iceberg, amend")
    alice = life.alice
    alice.limit("SELL", "0.1", "60000", icebergQty="0.03", newClientOrderId="ice")
    life.lock("alice", "BTC", "0.1")
    life.book([], [("60000", "0.03")])
    life.taken("bob", "BUY", "0.04", "60000")
    life.book([], [("60000", "0.02")])
    amended = alice.amend(origClientOrderId="ice", newQty="0.05", newClientOrderId="thin")["amendedOrder"]
    fields("the amended order", amended, clientOrderId="thin", origClientOrderId="ice", qty=D("0.05"), executedQty=D("0.04"))
    life.lock("alice", "BTC", "-0.05")
    life.book([], [("60000", "0.01")])
    life.ledger.compare("an amendment")
    fields("cancelled", alice.cancel(origClientOrderId="thin"), status="CANCELED", origQty=D("0.05"), executedQty=D("0.04"))
    life.lock("alice", "BTC", "-0.01")


def keeps_priority(life):
    step("amend keeps priority")
    alice, bob = life.alice, life.bob
    first = alice.limit("SELL", "0.02", "61000")
    bob.limit("SELL", "0.02", "61000")
    alice.amend(orderId=first["orderId"], newQty="0.01")
    life.lock("alice", "BTC", "0.01")
    life.lock("bob", "BTC", "0.02")
    life.taken("bob", "BUY", "0.01", "61000")
    equal("the amended order was first", alice.order(orderId=first["orderId"])["status"], "FILLED")
    life.fails("more cannot be amended", -2038, "Order amend (quantity increase) is not supported.", bob.amend,
               orderId=bob.open()[0]["orderId"], newQty="0.03")
    bob.cancel_all()
    life.lock("bob", "BTC", "-0.02")


def replaced(life):
    step("cancel and replace")
    bob = life.bob
    bob.limit("BUY", "0.01", "40000", newClientOrderId="old")
    new = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.02", "price": "41000"}
    answer = bob.replace(**new, cancelReplaceMode="STOP_ON_FAILURE", cancelOrigClientOrderId="old", newClientOrderId="new")
    equal("cancelResult, newOrderResult", (answer["cancelResult"], answer["newOrderResult"]), ("SUCCESS", "SUCCESS"))
    life.lock("bob", "USDT", "820")
    life.book([("41000", "0.02")], [])
    life.ledger.compare("a replacement")
    life.fails("replacing what is gone", -2022, "Order cancel-replace failed.", bob.replace, **new,
               cancelReplaceMode="STOP_ON_FAILURE", cancelOrigClientOrderId="old")
    fields("cancelled", bob.cancel(origClientOrderId="new"), status="CANCELED")
    life.lock("bob", "USDT", "-820")


def oco(life):
    step("one cancels the other")
    alice = life.alice
    pair = {"side": "SELL", "quantity": "0.05", "aboveType": "LIMIT_MAKER", "abovePrice": "61000", "belowType": "STOP_LOSS_LIMIT",
            "belowStopPrice": "59000", "belowPrice": "58900", "belowTimeInForce": "GTC"}
    life.traded("60000")
    placed = alice.oco(**pair, listClientOrderId="pair", aboveClientOrderId="above", belowClientOrderId="below")
    fields("the pair", placed, contingencyType="OCO", listStatusType="EXEC_STARTED", listOrderStatus="EXECUTING")
    life.lock("alice", "BTC", "0.05")
    life.ledger.compare("a pair, which needs its BTC once")
    life.taken("bob", "BUY", "0.02", "61000")
    equal("a part of the limit ends the stop", (alice.status("above"), alice.status("below")), ("PARTIALLY_FILLED", "EXPIRED"))
    fields("the list", alice.list(origClientOrderId="pair"), listOrderStatus="EXECUTING")
    fields("the list, cancelled", alice.cancel_list(listClientOrderId="pair"), listOrderStatus="ALL_DONE")
    life.lock("alice", "BTC", "-0.03")
    life.ledger.compare("a list that was cancelled")

    life.traded("60000")
    alice.oco(**pair, aboveClientOrderId="above-2", belowClientOrderId="below-2")
    life.lock("alice", "BTC", "0.05")
    life.bids("bob", "0.05", "58950")
    life.traded("59000")
    life.hit("bob", "0.05", "58950")
    equal("the stop ends the limit", (alice.status("above-2"), alice.status("below-2")), ("EXPIRED", "FILLED"))


def oto(life):
    step("one triggers the other")
    bob = life.bob
    placed = bob.oto(workingType="LIMIT", workingSide="BUY", workingPrice="58000", workingQuantity="0.02",
                     workingTimeInForce="GTC", pendingType="LIMIT", pendingSide="SELL", pendingPrice="60000",
                     pendingQuantity="0.01", pendingTimeInForce="GTC", pendingClientOrderId="pending")
    fields("the list", placed, contingencyType="OTO", listOrderStatus="EXECUTING")
    life.lock("bob", "USDT", "1160")
    equal("what is pending", bob.status("pending"), "PENDING_NEW")
    life.ledger.compare("a list of which one waits")
    life.taken("alice", "SELL", "0.02", "58000")
    equal("what was pending", bob.status("pending"), "NEW")
    life.lock("bob", "BTC", "0.01")
    life.book([], [("60000", "0.01")])
    life.ledger.compare("the working order")
    bob.cancel(origClientOrderId="pending")
    life.lock("bob", "BTC", "-0.01")


def otoco(life):
    step("one triggers a pair")
    bob = life.bob
    placed = bob.otoco(workingType="LIMIT", workingSide="BUY", workingPrice="57900", workingQuantity="0.02",
                       workingTimeInForce="GTC", pendingSide="SELL", pendingQuantity="0.015",
                       pendingAboveType="LIMIT_MAKER", pendingAbovePrice="60000", pendingAboveClientOrderId="gain",
                       pendingBelowType="STOP_LOSS", pendingBelowStopPrice="57000", pendingBelowClientOrderId="loss",
                       listClientOrderId="bracket")
    equal("orders of the list", len(placed["orders"]), 3)
    life.lock("bob", "USDT", "1158")
    life.taken("alice", "SELL", "0.02", "57900")
    equal("what was pending", (bob.status("gain"), bob.status("loss")), ("NEW", "NEW"))
    life.lock("bob", "BTC", "0.015")
    life.ledger.compare("the working order of three")
    life.bids("alice", "0.015", "56950")
    life.traded("57000")
    life.hit("alice", "0.015", "56950")
    equal("one of the pair", (bob.status("gain"), bob.status("loss")), ("EXPIRED", "FILLED"))
    holds("the list is done", bob.list(origClientOrderId="bracket")["listOrderStatus"] == "ALL_DONE")
