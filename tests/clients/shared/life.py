"""What the scripts in Python share: who they are, how they check, and what two accounts must own.

Environment: RIALTO_URL and RIALTO_KEY_A, RIALTO_SECRET_A (alice), RIALTO_KEY_B, RIALTO_SECRET_B (bob).
"""

import asyncio
import os
import sys
import time
import traceback
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal as D

URL = os.environ["RIALTO_URL"].rstrip("/")
SOCKETS = "ws" + URL.removeprefix("http")
KEYS = {
    "alice": (os.environ["RIALTO_KEY_A"], os.environ["RIALTO_SECRET_A"]),
    "bob": (os.environ["RIALTO_KEY_B"], os.environ["RIALTO_SECRET_B"]),
}
UNIT = D("0.00000001")  # one ledger unit of BTC and of USDT
FEE = D("0.001")  # of the demo's markets, maker and taker

checks = 0


def holds(what, condition, seen=""):
    """One assertion: fails with what was expected and what was seen."""
    global checks
    checks += 1
    if not condition:
        raise AssertionError(f"{what}; seen: {seen}" if seen != "" else what)


def equal(what, seen, wanted):
    """Equality of any two values."""
    holds(f"{what} must be {wanted!r}", seen == wanted, repr(seen))


def exact(value):
    """A number as a decimal. Some clients make floats of them: their shortest form is what was read."""
    return D(repr(value)) if isinstance(value, float) else D(value)


def fields(what, record, **wanted):
    """Compares the named fields; decimals as numbers. A name that Python reserves ends with an underscore here."""
    for field, value in wanted.items():
        field = field.removesuffix("_")
        holds(f"{what}: {field} is missing", field in record, record)
        seen = record[field]
        if isinstance(value, D):
            holds(f"{what}: {field} must be {value}", seen is not None and exact(seen) == value, seen)
        else:
            equal(f"{what}: {field}", seen, value)


def eventually(what, probe, limit=15.0):
    """Repeats a probe until it returns something true: history and streams may lag behind the books."""
    deadline = time.monotonic() + limit
    while True:
        seen = probe()
        if seen:
            return seen
        holds(f"{what} (waited {limit} s)", time.monotonic() < deadline)
        time.sleep(0.02)


async def later(what, probe, limit=15.0):
    """The same for a probe that may be a coroutine function."""
    deadline = time.monotonic() + limit
    while True:
        seen = probe()
        seen = await seen if asyncio.iscoroutine(seen) else seen
        if seen:
            return seen
        holds(f"{what} (waited {limit} s)", time.monotonic() < deadline)
        await asyncio.sleep(0.02)


def step(name):
    print(f"  {name}", flush=True)


def fee(received):
    """A part of what is received, rounded up to a whole unit."""
    return (received * FEE / UNIT).to_integral_value(ROUND_CEILING) * UNIT


def lots(quantity, lot):
    """Rounded down to whole lots."""
    return (quantity / lot).to_integral_value(ROUND_FLOOR) * lot


class Ledger:
    """What both accounts must own of BTC and USDT: computed here from the rules, compared with what the exchange says.

    `read` takes a name and returns the account's balances as `{asset: [free, locked]}`.
    """

    def __init__(self, read):
        self.read = read
        self.funds = {name: {asset: read(name)[asset] for asset in ("BTC", "USDT")} for name in KEYS}
        for name, funds in self.funds.items():
            holds(f"{name} must own 1 BTC and 10000 USDT", funds["BTC"][0] >= 1 and funds["USDT"][0] >= 10000, funds)

    def lock(self, name, asset, amount):
        """An order rests, or waits, and keeps this amount; a negative amount is given back."""
        self.funds[name][asset][0] -= amount
        self.funds[name][asset][1] += amount

    def trade(self, price, quantity, buyer, seller):
        """Settles one trade out of what is free: what was locked for it has been given back before."""
        cost = price * quantity
        self.funds[buyer]["USDT"][0] -= cost
        self.funds[seller]["BTC"][0] -= quantity
        self.funds[buyer]["BTC"][0] += quantity - fee(quantity)
        self.funds[seller]["USDT"][0] += cost - fee(cost)

    def compare(self, after):
        for name in KEYS:
            seen = self.read(name)
            for asset, wanted in self.funds[name].items():
                equal(f"{name}'s {asset} after {after}: free, locked", seen[asset], wanted)


def run(main):
    """Runs a script: status 0 when everything holds, 1 with the first thing that does not."""
    try:
        asyncio.run(main()) if asyncio.iscoroutinefunction(main) else main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    print(f"  {checks} checks hold", flush=True)
