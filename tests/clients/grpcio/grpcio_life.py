"""The life of two accounts on BTC/USDT over gRPC, seen through an unmodified grpcio and stubs made from proto/.

Another implementation of gRPC than the server's: its serializer must give the bytes that are signed, and its streams must end as
the contract says. Numbers are compared exactly, as text.

Environment: RIALTO_GRPC and RIALTO_KEY_A, RIALTO_SECRET_A (alice), RIALTO_KEY_B, RIALTO_SECRET_B (bob).
Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import hashlib
import hmac
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

import grpc
from grpc_tools import protoc

PROTO = Path(__file__).resolve().parents[3] / "proto"
STUBS = tempfile.mkdtemp(prefix="rialto-stubs-")
FILES = ["rialto/v1/trading.proto", "rialto/v1/market.proto", "rialto/v1/account.proto"]
if protoc.main(["protoc", f"-I{PROTO}", f"--python_out={STUBS}", f"--grpc_python_out={STUBS}", *FILES]) != 0:
    sys.exit("protoc cannot read proto/")
sys.path.insert(0, STUBS)

from rialto.v1 import account_pb2, account_pb2_grpc, market_pb2, market_pb2_grpc  # noqa: E402
from rialto.v1 import trading_pb2, trading_pb2_grpc  # noqa: E402

MARKET = "BTCUSDT"
PATIENCE = 20  # seconds that an answer, or a message of a stream, may take

checks = 0


def same(what, seen, wanted):
    """One assertion: fails with what was expected and what was seen."""
    global checks
    checks += 1
    if seen != wanted:
        raise AssertionError(f"{what}: saw {seen!r}, wanted {wanted!r}")


def refused(what, call, code, reason):
    """The call must end with this code and reason, and with details."""
    try:
        call()
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or [])
        same(what, (error.code(), trailers.get("x-rialto-code")), (code, reason))
        same(f"{what}: details", "grpc-status-details-bin" in trailers, True)
        return
    raise AssertionError(f"{what}: was not refused")


class Trader:
    """One account: signs each message as the guide says."""

    def __init__(self, channel, key, secret):
        self.key, self.secret = key, secret
        self.trading = trading_pb2_grpc.TradingStub(channel)
        self.account = account_pb2_grpc.AccountStub(channel)

    def metadata(self, path, message):
        timestamp = str(int(time.time() * 1000))
        text = f"{timestamp}\n{path}\n{hashlib.sha256(message.SerializeToString()).hexdigest()}"
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return [("x-api-key", self.key), ("x-timestamp", timestamp), ("x-signature", signature)]

    def trade(self, method, message):
        metadata = self.metadata(f"/rialto.v1.Trading/{method}", message)
        return getattr(self.trading, method)(message, metadata=metadata, timeout=PATIENCE)

    def place(self, side, price, quantity, name):
        order = trading_pb2.NewOrder(
            side=side,
            type=trading_pb2.ORDER_TYPE_LIMIT,
            time_in_force=trading_pb2.TIME_IN_FORCE_GTC,
            price=price,
            quantity=quantity,
            client_order_id=name,
        )
        return self.trade("PlaceOrder", trading_pb2.PlaceOrderRequest(symbol=MARKET, order=order))

    def balance(self, asset):
        message = account_pb2.GetBalancesRequest(include_zero=True)
        metadata = self.metadata("/rialto.v1.Account/GetBalances", message)
        told = self.account.GetBalances(message, metadata=metadata, timeout=PATIENCE).balances
        return next((one.available, one.held) for one in told if one.asset == asset)

    def events(self):
        message = account_pb2.StreamAccountRequest()
        metadata = self.metadata("/rialto.v1.Account/StreamAccount", message)
        return self.account.StreamAccount(message, metadata=metadata, timeout=6 * PATIENCE)


def life(channel):
    alice, bob = (Trader(channel, os.environ[f"RIALTO_KEY_{one}"], os.environ[f"RIALTO_SECRET_{one}"]) for one in "AB")
    market = market_pb2_grpc.MarketStub(channel)
    info = market.GetExchangeInfo(market_pb2.GetExchangeInfoRequest(symbols=[MARKET]), timeout=PATIENCE)
    same("market", [(one.symbol, one.base, one.quote) for one in info.markets], [(MARKET, "BTC", "USDT")])

    book = market.StreamDepth(market_pb2.StreamDepthRequest(symbol=MARKET), timeout=6 * PATIENCE)
    same("first message of a book", next(book).WhichOneof("message"), "snapshot")
    events = alice.events()
    same("first event", next(events).WhichOneof("event"), "snapshot")

    free = alice.balance("BTC")[0]
    placed = alice.place(trading_pb2.SIDE_SELL, "60000", "1", "ask-1")
    same("order", (placed.order.status, placed.order.price), (trading_pb2.ORDER_STATUS_NEW, "60000.00"))
    change = next(book).change
    same("book", [(level.price, level.quantity) for level in change.asks], [("60000.00", "1.00000")])
    same("update of the book", change.last_update_id, placed.sequence)
    execution = next(events)
    same("event of the order", (execution.sequence, execution.execution.order.client_order_id), (placed.sequence, "ask-1"))
    same("balances follow", next(events).WhichOneof("event"), "balances")
    same("held", alice.balance("BTC")[1], "1.00000000")

    sell = trading_pb2.SIDE_SELL
    refused("a name twice", lambda: alice.place(sell, "60000", "1", "ask-1"), grpc.StatusCode.ALREADY_EXISTS, "DUPLICATE_CLIENT_ID")
    refused("off the tick", lambda: alice.place(sell, "60000.001", "1", "x"), grpc.StatusCode.INVALID_ARGUMENT, "PRICE_FILTER")
    poor = lambda: alice.place(sell, "2000", "1500", "x")  # noqa: E731
    refused("more than there is", poor, grpc.StatusCode.FAILED_PRECONDITION, "INSUFFICIENT_BALANCE")
    stranger = Trader(channel, alice.key, "not its secret")
    refused("a wrong secret", lambda: stranger.balance("BTC"), grpc.StatusCode.UNAUTHENTICATED, "INVALID_SIGNATURE")

    taken = bob.place(trading_pb2.SIDE_BUY, "60000", "0.25", "bid-1")
    same("fills", [(fill.price, fill.quantity, fill.is_maker) for fill in taken.fills], [("60000.00", "0.25000", False)])
    trade = next(events).execution
    same("trade", (trade.kind, trade.fill.quantity), (account_pb2.EXECUTION_KIND_TRADE, "0.25000"))

    listed = alice.trade("ListOpenOrders", trading_pb2.ListOpenOrdersRequest(symbol=MARKET)).orders
    same("open", [(one.order_id, one.executed_quantity) for one in listed], [(placed.order.order_id, "0.25000")])
    ended = alice.trade("CancelAll", trading_pb2.CancelAllRequest()).orders
    same("cancelled", [one.status for one in ended], [trading_pb2.ORDER_STATUS_CANCELED])
    whole, part = free.replace(".", ""), 25_000_000
    same("what is left", alice.balance("BTC"), (f"{(int(whole) - part) // 10**8}.{(int(whole) - part) % 10**8:08d}", "0.00000000"))
    book.cancel()
    events.cancel()


def main():
    try:
        with grpc.insecure_channel(os.environ["RIALTO_GRPC"]) as channel:
            life(channel)
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        sys.exit(1)
    print(f"grpcio {grpc.__version__}: {checks} checks hold")


main()
