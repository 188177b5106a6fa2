"""An exchange of its own for a script: one that allows little, so that clients meet its limits."""

import os
import subprocess
import tempfile
from contextlib import contextmanager

from life import equal, holds

# Few enough to be used up in a moment. Whoever is refused more often than this is banned.
WEIGHT = 100
ORDERS = 5
REFUSALS = 3


@contextmanager
def exchange():
    """Starts it; gives its address and the key and secret of alice. It must end by itself with status 0."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RIALTO_")}
    environment |= {"RIALTO_LIMITS_WEIGHT_1M": str(WEIGHT), "RIALTO_LIMITS_ORDERS_10S": str(ORDERS),
                    "RIALTO_LIMITS_REFUSALS_BEFORE_BAN": str(REFUSALS)}
    with tempfile.TemporaryDirectory() as directory:
        command = [os.environ["RIALTO_BINARY"], "run", "--demo", "--listen", "127.0.0.1:0", "--data", directory + "/data"]
        with subprocess.Popen(command, cwd=directory, env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                yield announced(server.stdout)
            finally:
                server.terminate()
                server.stdout.read()
                equal("its status at the end", server.wait(30), 0)


def announced(lines):
    url, alice = None, None
    for line in lines:
        if "listening on " in line:
            url = line.split("listening on ")[1].split()[0].rstrip("/")
        if "demo account alice" in line:
            alice = [word.split("=", 1)[1] for word in line.split() if word.startswith(("key=", "secret="))]
        if url and alice:
            return url, *alice
    raise AssertionError("the exchange ended before it said where it listens")


def refused(what, call, kind):
    """Repeats a call until the client raises this exception; windows may end meanwhile, so it may take more than a limit."""
    for _ in range(20 * WEIGHT):
        try:
            call()
        except kind as error:
            return error
    holds(f"{what} must be refused", False)
