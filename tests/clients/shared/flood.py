"""Random commands, as fast as one process can send them: signed REST requests over many connections at the same time.

This is no client but what the clients look at: it speaks HTTP by itself, because they would be too slow.
"""

import asyncio
import hmac
import json
import random
import time
from collections import Counter
from urllib.parse import urlencode, urlsplit

# Connections of each account. With what each may leave open, this stays below the market's MAX_NUM_ORDERS.
CONNECTIONS = 8
MAX_OPEN = 20
MIDDLE = 30_000_00  # price in ticks of 0.01
# What random commands meet: the order is gone, a price that would match or trigger at once, a filter.
EXPECTED = {-2010, -2011, -2021, -2022, -2038, -1013}


class Trader:
    """One connection of one account, with the orders that it knows to be open."""

    def __init__(self, url, key, secret, symbol, seed):
        self.host = urlsplit(url)
        self.key, self.secret, self.symbol = key, secret.encode(), symbol
        self.random = random.Random(seed)
        self.open = []
        self.answers = Counter()

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection(self.host.hostname, self.host.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        await self.writer.wait_closed()

    async def request(self, method, path, **parameters):
        parameters["timestamp"] = int(time.time() * 1000)
        query = urlencode(parameters)
        signature = hmac.digest(self.secret, query.encode(), "sha256").hex()
        self.writer.write(f"{method} /api/v3/{path}?{query}&signature={signature} HTTP/1.1\r\nHost: {self.host.netloc}\r\n"
                          f"X-MBX-APIKEY: {self.key}\r\nContent-Length: 0\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        body = json.loads(await self.reader.readexactly(length))
        status = int(head.split(b" ")[1])
        if status != 200 and (status not in (400, 409) or body["code"] not in EXPECTED):
            raise AssertionError(f"{method} {path} {parameters} was answered with {status}: {body}")
        self.answers[status if status == 200 else body["code"]] += 1
        return body

    async def one(self):
        """One random command."""
        roll = self.random.random()
        if len(self.open) >= MAX_OPEN or (self.open and roll < 0.30):
            await self.request("DELETE", "order", symbol=self.symbol, orderId=self.take())
        elif self.open and roll < 0.40:
            replaced = await self.request("POST", "order/cancelReplace", cancelReplaceMode="STOP_ON_FAILURE",
                                          cancelOrderId=self.take(), **self.order())
            self.keep(replaced.get("newOrderResponse") or {})
        elif self.open and roll < 0.45:
            await self.request("PUT", "order/amend/keepPriority", symbol=self.symbol, newQty="0.00050",
                               orderId=self.random.choice(self.open))
        else:
            self.keep(await self.request("POST", "order", **self.order()))

    def order(self):
        """A limit order in most cases, near the middle, so that it rests or trades or does a part of each."""
        side = self.random.choice(("BUY", "SELL"))
        away = self.random.randrange(-20, 61)
        price = MIDDLE - away if side == "BUY" else MIDDLE + away
        quantity = self.random.randrange(50, 10_000)
        order = {"symbol": self.symbol, "side": side, "quantity": decimal(quantity, 5), "newOrderRespType": "RESULT"}
        roll = self.random.random()
        if roll < 0.10:
            return {**order, "type": "MARKET"}
        order["price"] = decimal(price, 2)
        if roll < 0.20:
            return {**order, "type": "LIMIT_MAKER"}
        if roll < 0.30:
            return {**order, "type": "LIMIT", "timeInForce": self.random.choice(("IOC", "FOK"))}
        if roll < 0.40:
            order["icebergQty"] = decimal(max(quantity // self.random.randrange(2, 9), 1), 5)
        if roll > 0.95:
            modes = ("EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT")
            order["selfTradePreventionMode"] = self.random.choice(modes)
        if roll > 0.99:
            trigger = price + (30 if side == "BUY" else -30)
            return {**order, "type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "stopPrice": decimal(trigger, 2)}
        return {**order, "type": "LIMIT", "timeInForce": "GTC"}

    def take(self):
        return self.open.pop(self.random.randrange(len(self.open)))

    def keep(self, order):
        if order.get("status") in ("NEW", "PARTIALLY_FILLED"):
            self.open.append(order["orderId"])


def decimal(units, places):
    return f"{units // 10**places}.{units % 10**places:0{places}}"


async def flood(url, keys, symbol, count, seed):
    """Sends `count` commands and waits for every answer; returns how many there were of each code."""
    traders = [Trader(url, *key, symbol, f"{seed} {index} {connection}")
               for index, key in enumerate(keys) for connection in range(CONNECTIONS)]
    left = count

    async def work(trader):
        nonlocal left
        async with trader:
            # What an earlier flood left open, this connection's part of it.
            orders = [order["orderId"] for order in await trader.request("GET", "openOrders", symbol=symbol)]
            trader.open = orders[traders.index(trader) % CONNECTIONS::CONNECTIONS]
            trader.answers.clear()
            while left > 0:
                left -= 1
                await trader.one()

    await asyncio.gather(*(work(trader) for trader in traders))
    return sum((trader.answers for trader in traders), Counter())


def run(*arguments):
    """The same for a process of its own."""
    return asyncio.run(flood(*arguments))
