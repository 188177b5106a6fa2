"""Forward authentication behind a real nginx (`auth_request`), with the configuration of `deploy/nginx` as it is.

A program behind nginx keeps every request that reaches it. What it is told must be what Rialto says, whatever the client sends:
under the same names, twice, in other spellings, in the words of another proxy, or as a second request inside of the first.

Environment: RIALTO_BINARY, and nginx on the path or in /usr/sbin.
Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import hashlib
import hmac
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import requests

from exchange import Exchange
from life import equal, eventually, holds, run, step

DEPLOY = pathlib.Path(__file__).parents[3] / "deploy" / "nginx"
IDENTITY = ["X-Rialto-User", "X-Rialto-Account", "X-Rialto-Role", "X-Rialto-Level", "X-Rialto-Means", "X-Rialto-Identity"]
# Nobody's; long enough to be looked at as a token.
NONSENSE = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyb290In0.c2lnbmF0dXJl"


class Program:
    """What stands behind nginx: keeps the requests that reach it, and answers with their number."""

    def __enter__(self):
        seen = self.seen = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen.append((self.command, self.path, list(self.headers.items()), body))
                said = str(len(seen)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def told(self):
        """The identity headers of the last request, each of which it must have once at most, and in one spelling."""
        _, _, headers, _ = self.seen[-1]
        told = {}
        for name, value in headers:
            name = name.replace("_", "-").title()
            if name in IDENTITY:
                holds(f"{name} comes once", name not in told, headers)
                told[name] = value
        for name in ("Authorization", "Cookie", "X-Mbx-Apikey", "X-Csrf-Token"):
            holds(f"{name} stays outside", name.lower() not in {name.lower() for name, _ in headers}, headers)
        return told


class Nginx:
    """nginx on a free port, in the foreground, with its files in a folder of its own."""

    def __init__(self, rialto, program):
        self.rialto, self.program = rialto.removeprefix("http://"), program

    def __enter__(self):
        binary = shutil.which("nginx") or "/usr/sbin/nginx"
        self.folder = tempfile.TemporaryDirectory()
        place = pathlib.Path(self.folder.name)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for part in ("rialto-auth.conf", "rialto-protect.conf"):
            shutil.copy(DEPLOY / part, place)
        temporary = "".join(f"{kind}_temp_path {place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (place / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid {place}/nginx.pid; error_log stderr error;
            events {{ }}
            http {{
                access_log off; {temporary}
                upstream rialto {{ server {self.rialto}; }}
                upstream app {{ server 127.0.0.1:{self.program.port}; }}
                server {{
                    listen 127.0.0.1:{self.port};
                    include rialto-auth.conf;
                    location /app/ {{ include rialto-protect.conf; proxy_pass http://app; }}
                }}
            }}
        """)
        self.process = subprocess.Popen([binary, "-e", "stderr", "-p", place, "-c", place / "nginx.conf"])
        eventually("nginx answers", lambda: self.process.poll() is None and self._listens())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def raw(self, text):
        """Sends bytes as they are; gives everything that comes back until the end."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(text.encode())
            connection.settimeout(3)
            answer = b""
            try:
                while part := connection.recv(65536):
                    answer += part
            except TimeoutError:
                pass
            return answer.decode("latin-1")


class Proxied:
    """Requests through nginx, and what became of them."""

    def __init__(self, nginx, program):
        self.url, self.program = f"http://127.0.0.1:{nginx.port}", program

    def passes(self, who, path="/app/x", method="GET", **further):
        """The program is told this user, and nothing else."""
        before = len(self.program.seen)
        answer = requests.request(method, self.url + path, timeout=30, **further)
        equal(f"{method} {path} ({answer.text[:200]})", answer.status_code, 200)
        equal("requests that reached the program", len(self.program.seen), before + 1)
        told = self.program.told()
        equal("who it is told", told.get("X-Rialto-User"), who["uid"])
        equal("its account", told.get("X-Rialto-Account"), str(who["account"]))
        equal("its role", told.get("X-Rialto-Role"), who["role"])
        equal("what it is told", sorted(told), sorted(IDENTITY))
        return told

    def stops(self, status, path="/app/x", method="GET", **further):
        """nginx answers so, and the program is not asked."""
        before = len(self.program.seen)
        answer = requests.request(method, self.url + path, timeout=30, **further)
        equal(f"{method} {path} with {further}", answer.status_code, status)
        equal("requests that reached the program", len(self.program.seen), before)


def sign_in(exchange, email, **further):
    body = {"email": email, "password": exchange.passwords[email], **further}
    answer = requests.post(exchange.url + "/api/v2/auth/sign-in", json=body, timeout=30)
    equal(f"sign-in of {email} ({answer.text[:200]})", answer.status_code, 200)
    return answer


def sessions(exchange, proxied, alice, bearer):
    step("a session comes in, a signed identity goes out")
    proxied.stops(401)
    proxied.stops(401, headers={"Authorization": f"Bearer {NONSENSE}"})
    told = proxied.passes(alice, headers=bearer)
    equal("by what means", told["X-Rialto-Means"], "session")
    keys = jwt.PyJWKClient(exchange.url + "/.well-known/jwks.json")
    key = keys.get_signing_key_from_jwt(told["X-Rialto-Identity"])
    claims = jwt.decode(told["X-Rialto-Identity"], key, algorithms=["RS256"], audience="rialto-upstream")
    equal("the signed identity", claims["sub"], alice["uid"])
    holds("it is good for a minute", claims["exp"] - time.time() <= 61, claims)
    proxied.stops(401, headers={"Authorization": f"Bearer {told['X-Rialto-Identity']}"})


def cookies(exchange, proxied, alice):
    step("a cookie needs the token of its page, if the method changes something")
    signed_in = sign_in(exchange, "alice@demo.example", session="cookie")
    cookie = "; ".join(f"{one.name}={one.value}" for one in signed_in.cookies if "access" in one.name or "session" in one.name)
    holds("there is a cookie", cookie, signed_in.headers)
    token = {"X-CSRF-Token": signed_in.json()["csrf_token"]}
    proxied.passes(alice, headers={"Cookie": cookie})
    proxied.passes(alice, method="POST", headers={"Cookie": cookie, **token}, data=b"kept")
    equal("the body", proxied.program.seen[-1][3], b"kept")
    proxied.stops(403, method="POST", headers={"Cookie": cookie})
    proxied.stops(403, method="POST", headers={"Cookie": cookie, **token, "Origin": "http://evil.example"})
    # Rialto is told the method by nginx, and not by the client.
    for claim in ("X-Original-Method", "X-Forwarded-Method", "X-HTTP-Method-Override"):
        proxied.stops(403, method="POST", headers={"Cookie": cookie, claim: "GET"})


def signed(secret):
    """The query of a request, with the signature of a key."""
    query = f"timestamp={int(time.time() * 1000)}"
    return query + "&signature=" + hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()


def keys(exchange, proxied, alice):
    step("an API key signs the query of the request behind the proxy")
    key, secret = exchange.keys["alice"]
    query = signed(secret)
    told = proxied.passes(alice, f"/app/x?{query}", headers={"X-MBX-APIKEY": key})
    equal("by what means", told["X-Rialto-Means"], "key")
    proxied.stops(401, f"/app/x?{query}&more=1", headers={"X-MBX-APIKEY": key})
    # Another request's good query, in the words of the proxies.
    for claim in ("X-Original-URI", "X-Forwarded-Uri"):
        proxied.stops(401, "/app/x", headers={"X-MBX-APIKEY": key, claim: f"/app/x?{query}"})


def smuggling(nginx, proxied, alice, bearer):
    step("what a client says of itself is not what the program is told")
    forged = {name: "superadmin" for name in IDENTITY}
    proxied.stops(401, headers=forged)
    proxied.passes(alice, headers={**bearer, **forged})
    proxied.passes(alice, headers={**bearer, **{name.lower(): "superadmin" for name in IDENTITY}})
    proxied.passes(alice, headers={**bearer, **{name.replace("-", "_"): "superadmin" for name in IDENTITY}})
    # Named in `Connection`, a header would be taken out by a proxy that takes the client at its word.
    proxied.passes(alice, headers={**bearer, "Connection": "close, " + ", ".join(IDENTITY)})
    proxied.passes(alice, headers={**bearer, "Connection": "close, X-Original-Method, X-Original-URI, X-Forwarded-For"})
    before, authority = len(proxied.program.seen), f"Authorization: {bearer['Authorization']}\r\n"
    head = f"POST /app/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{authority}"
    inner = "GET /app/inner HTTP/1.1\r\nHost: a\r\nX-Rialto-User: root\r\nX-Rialto-Role: superadmin\r\n\r\n"
    for what, fields, body in [
        ("two values", "X-Rialto-Role: superadmin\r\nX-Rialto-Role: superadmin\r\n\r\n", ""),
        ("a space before the colon", "X-Rialto-Role : superadmin\r\n\r\n", ""),
        ("a folded line", "X-Other: a\r\n X-Rialto-Role: superadmin\r\n\r\n", ""),
        ("two authorities", f"{authority}\r\n", ""),
        ("two lengths", f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n\r\n", inner),
        ("a length and chunks", f"Content-Length: {len(inner) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", inner),
        ("chunks by another name", f"Content-Length: {len(inner) + 5}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", inner),
        ("a request in the body", f"Content-Length: {len(inner)}\r\n\r\n", inner),
    ]:
        nginx.raw(head + fields + body)
        for method, path, headers, _ in proxied.program.seen[before:]:
            told = {name.replace("_", "-").title(): value for name, value in headers}
            equal(f"{what}: who is told for {method} {path}", (path, told["X-Rialto-User"], told["X-Rialto-Role"]),
                  ("/app/x", alice["uid"], alice["role"]))
        before = len(proxied.program.seen)
    step("nobody asks in the place of nginx")
    answer = nginx.raw(f"GET /_rialto_auth HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{authority}\r\n")
    holds("the internal location is not found", answer.startswith("HTTP/1.1 404"), answer)


def addresses(exchange, proxied, alice):
    step("a key that is bound to an address is good from there only, whatever X-Forwarded-For says")
    claims = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
    for address, good in (("203.0.113.7", False), ("127.0.0.1", True)):
        command = [os.environ["RIALTO_BINARY"], "keys", "add", "--data", exchange.folder.name, "--account", str(alice["account"])]
        command += ["--label", "bound", "--read-only", "--ip", address]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RIALTO_")}
        made = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        made = dict(word.split("=", 1) for word in made.split() if "=" in word)
        path, headers = f"/app/x?{signed(made['secret'])}", {"X-MBX-APIKEY": made["key"], **claims}
        proxied.passes(alice, path, headers=headers) if good else proxied.stops(401, path, headers=headers)


def unavailable(program):
    step("too many questions, and an exchange that is away, are no failures of the program behind")
    with Exchange(HTTP_TRUSTED_PROXIES="127.0.0.1", LIMITS_WEIGHT_1M="100") as exchange, Nginx(exchange.url, program) as nginx:
        proxied = Proxied(nginx, program)
        for _ in range(100):
            proxied.stops(401)
        proxied.stops(429)
    with Nginx(exchange.url, program) as nginx:
        Proxied(nginx, program).stops(503)


def main():
    with Program() as program, Exchange(HTTP_TRUSTED_PROXIES="127.0.0.1") as exchange:
        with Nginx(exchange.url, program) as nginx:
            proxied = Proxied(nginx, program)
            signed_in = sign_in(exchange, "alice@demo.example").json()
            alice, bearer = signed_in["user"], {"Authorization": f"Bearer {signed_in['access_token']}"}
            sessions(exchange, proxied, alice, bearer)
            cookies(exchange, proxied, alice)
            keys(exchange, proxied, alice)
            smuggling(nginx, proxied, alice, bearer)
            addresses(exchange, proxied, alice)
            step("who has signed out stays outside")
            equal("sign-out", requests.post(exchange.url + "/api/v2/auth/sign-out", headers=bearer, timeout=30).status_code, 204)
            proxied.stops(401, headers=bearer)
        unavailable(program)


run(main)
