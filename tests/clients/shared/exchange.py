"""An exchange of the script's own: with settings that the runner's exchange does not have, and with what it says at its start."""

import os
import queue
import subprocess
import tempfile
import threading
import time

from life import holds

# Longest time from the start to the line that names the address, and from SIGTERM to the end.
START, STOP = 60, 30


class Exchange:
    """`rialto run --demo` on a free port with an empty data folder, as long as the `with` block lasts.

    `settings` are environment variables without their `RIALTO_`. `url` is where it listens, `passwords` holds those of the
    demo's users by their address, `keys` the key and the secret of each demo account by its name.
    """

    def __init__(self, **settings):
        self.settings = settings
        self.url, self.passwords, self.keys, self.said = "", {}, {}, []

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RIALTO_")}
        environment |= {f"RIALTO_{name}": value for name, value in self.settings.items()} | {"RIALTO_GRPC_LISTEN": "127.0.0.1:0"}
        command = [os.environ["RIALTO_BINARY"], "run", "--demo", "--listen", "127.0.0.1:0", "--data", self.folder.name]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = queue.Queue()
        threading.Thread(target=self._read, args=[lines], daemon=True).start()
        try:
            deadline = time.monotonic() + START
            while not self.url:
                self._announced(lines.get(timeout=max(0.1, deadline - time.monotonic())))
        except BaseException:
            self.__exit__(True)
            raise
        return self

    def __exit__(self, failure, *_):
        self.process.terminate()
        try:
            status = self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "nothing in time"
        if failure or status != 0:
            print("".join(f"    {line}" for line in self.said[-200:]), flush=True)
        self.folder.cleanup()
        holds("the exchange ends with status 0 after SIGTERM", failure or status == 0, status)

    def _read(self, lines):
        """Keeps reading, so that the exchange never waits for its reader."""
        for line in self.process.stdout:
            self.said.append(line)
            if not self.url:
                lines.put(line)
        lines.put("")

    def _announced(self, line):
        holds("the exchange says where it listens", line)
        if "listening on " in line:
            self.url = line.split("listening on ")[1].split()[0].rstrip("/")
        words = line.split()
        told = dict(word.split("=", 1) for word in words if "=" in word)
        if line.startswith("demo user "):
            self.passwords[words[2]] = told["password"]
        if line.startswith("demo account "):
            self.keys[words[2]] = (told["key"], told["secret"])
