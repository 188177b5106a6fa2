"""The life of a new user, from the first letter to the day on which an administrator freezes it.

The script starts an exchange of its own, because this one is given a mail server and a gateway for text messages, both of which
are real servers of the script. The user has a virtual authenticator for passkeys, an authenticator for codes, an EVM wallet and
a Solana wallet, each of a library that is not the exchange's, and trades with an unmodified ccxt.

Environment: RIALTO_BINARY.
Exit status 0 when everything holds, 1 with the first thing that does not.
"""

import pathlib
import struct
import time
import zlib
from decimal import Decimal as D

import base58
import ccxt
import pyotp
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from eth_account.messages import encode_defunct

from authenticator import Authenticator
from exchange import Exchange
from life import equal, fee, holds, run, step
from outside import Post, Texts, token

SITE = "http://localhost:8080"  # what passkeys and messages of wallets are bound to
EMAIL, PASSWORD = "ann@example.com", "seven green lamps upon a hill"
PHONE = "+41446681800"
# Says that this machine's own addresses are Swiss.
COUNTRIES = pathlib.Path(__file__).parents[3] / "crates" / "identity" / "tests" / "geo" / "countries.mmdb"


class Client:
    """The native API, as one user sees it: `access` is the access token."""

    def __init__(self, url):
        self.url, self.access = url, None

    def call(self, method, path, body=None, code=None, headers=None, **further):
        headers = dict(headers or {})
        if self.access:
            headers["Authorization"] = f"Bearer {self.access}"
        if code:
            headers["X-OTP"] = code
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=30, **further)

    def does(self, status, method, path, *args, **kwargs):
        """A call that must succeed with this status; gives the JSON of its answer."""
        answer = self.call(method, path, *args, **kwargs)
        equal(f"status of {method} {path} ({answer.text[:300]})", answer.status_code, status)
        return answer.json() if answer.content else None

    def refused(self, status, reason, method, path, *args, **kwargs):
        """A call that must be refused so, as a problem of RFC 9457."""
        answer = self.call(method, path, *args, **kwargs)
        equal(f"media type of {method} {path} ({answer.text[:300]})", answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json()
        equal(f"refusal of {method} {path}", (answer.status_code, problem["code"]), (status, reason))
        holds("a refusal says what to do", len(problem["detail"]) > 10, problem)

    def enters(self, path, body):
        """Signs in by any means; gives who it is."""
        entered = self.does(200, "POST", path, body)
        self.access = entered["access_token"]
        return entered["user"]


class Codes:
    """The authenticator app. A code serves once, so each further one is that of a later half minute."""

    def __init__(self, secret):
        self.app, self.last = pyotp.TOTP(secret), 0

    def next(self):
        # The exchange takes the code of the half minute to come as well; so a script need not wait for each.
        step_now = int(time.time()) // 30
        wanted = max(self.last + 1, step_now)
        time.sleep(max(0, (wanted - 1) * 30 + 0.5 - time.time()))
        self.last = wanted
        return self.app.at(wanted * 30)


def sign_up(ann, post):
    step("signs up, reads the letter and verifies the address")
    ann.refused(400, "password_weak", "POST", "/api/v2/auth/sign-up", {"email": EMAIL, "password": "password1"})
    ann.does(202, "POST", "/api/v2/auth/sign-up", {"email": EMAIL, "password": PASSWORD})
    ann.refused(403, "email_not_verified", "POST", "/api/v2/auth/sign-in", {"email": EMAIL, "password": PASSWORD})
    link = token(post.to(EMAIL, "Confirm your address"))
    page = ann.call("GET", "/verify-email")
    holds("the link leads to a page that sends it", 'data-post="&#x2f;api&#x2f;v2&#x2f;auth&#x2f;sign-up&#x2f;verify"' in page.text, page.text)
    holds("with a script of the site alone", "script-src 'self';" in page.headers["content-security-policy"], page.headers)
    user = ann.does(200, "POST", "/api/v2/auth/sign-up/verify", {"token": link})
    equal("state and level", (user["state"], user["level"]), ("active", 1))
    ann.refused(400, "token_invalid", "POST", "/api/v2/auth/sign-up/verify", {"token": link})
    entered = ann.enters("/api/v2/auth/sign-in", {"email": EMAIL, "password": PASSWORD})
    equal("who signed in", entered["uid"], user["uid"])
    return user["uid"]


def enrol_codes(ann, post):
    step("enrols an authenticator app; from then on a password alone does not let it in")
    ann.refused(403, "totp_off", "POST", "/api/v2/me/api-keys", {"label": "bot", "permissions": ["read"]})
    begun = ann.does(200, "POST", "/api/v2/me/totp")
    holds("the URI carries the secret", f"secret={begun['secret']}" in begun["uri"], begun)
    codes = Codes(begun["secret"])
    code = codes.next()
    recovery = ann.does(200, "POST", "/api/v2/me/totp/confirm", {"code": code})["recovery_codes"]
    post.to(EMAIL, "Two-factor sign-in is on")
    entry = {"email": EMAIL, "password": PASSWORD}
    ann.refused(403, "code_needed", "POST", "/api/v2/auth/sign-in", entry)
    ann.refused(403, "code_wrong", "POST", "/api/v2/auth/sign-in", {**entry, "otp": code})
    ann.enters("/api/v2/auth/sign-in", {**entry, "otp": codes.next()})
    ann.enters("/api/v2/auth/sign-in", {**entry, "otp": recovery[0]})
    ann.refused(403, "code_wrong", "POST", "/api/v2/auth/sign-in", {**entry, "otp": recovery[0]})
    return codes, recovery


def enrol_passkey(ann, uid, post):
    step("makes a passkey and signs in with it, without a password")
    device = Authenticator(SITE)
    options = ann.does(200, "POST", "/api/v2/me/passkeys/start")["options"]
    made = device.create(options)
    ann.does(201, "POST", "/api/v2/me/passkeys", {"credential": made, "label": "laptop"})
    ann.refused(401, "passkey_ceremony_unknown", "POST", "/api/v2/me/passkeys", {"credential": made, "label": "again"})
    post.to(EMAIL, "A passkey was added")
    stranger = Client(ann.url)
    options = stranger.does(200, "POST", "/api/v2/auth/passkey/start")["options"]
    elsewhere = Authenticator("http://evil.example")
    elsewhere.passkeys = device.passkeys
    stranger.refused(401, "passkey_refused", "POST", "/api/v2/auth/passkey/finish", {"credential": elsewhere.get(options)})
    options = stranger.does(200, "POST", "/api/v2/auth/passkey/start")["options"]
    shown = device.get(options)
    equal("who signed in", stranger.enters("/api/v2/auth/passkey/finish", {"credential": shown})["uid"], uid)
    Client(ann.url).refused(401, "passkey_ceremony_unknown", "POST", "/api/v2/auth/passkey/finish", {"credential": shown})


def make_key(ann, codes, post):
    step("makes an API key: refused without a code and with a wrong one, done with the right one")
    wish = {"label": "bot", "permissions": ["read", "trade"]}
    ann.refused(403, "code_needed", "POST", "/api/v2/me/api-keys", wish)
    ann.refused(403, "code_wrong", "POST", "/api/v2/me/api-keys", wish, code="000000")
    code = codes.next()
    made = ann.does(201, "POST", "/api/v2/me/api-keys", wish, code=code)
    ann.refused(403, "code_wrong", "POST", "/api/v2/me/api-keys", wish, code=code)
    post.to(EMAIL, "An API key was made")
    equal("keys", [one["key"] for one in ann.does(200, "GET", "/api/v2/me/api-keys")["items"]], [made["key"]])
    return made


def trader(url, key, secret):
    """An unmodified ccxt at this host, kept to the spot markets."""
    rest = {name: url + "/api/v3" for name in ("public", "private", "v1")}
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False}
    return ccxt.binance({"apiKey": key, "secret": secret, "number": str, "options": options, "enableRateLimit": False,
                         "urls": {"api": {**rest, "sapi": url + "/sapi/v1"}}})


def trade(exchange, made):
    step("trades with ccxt: buys from the demo's bob, and pays the fee")
    ann, bob = trader(exchange.url, made["key"], made["secret"]), trader(exchange.url, *exchange.keys["bob"])
    owns = lambda: {asset: D(ann.fetch_balance()[asset]["total"]) for asset in ("BTC", "USDT")}
    before = owns()
    bob.create_order("BTC/USDT", "limit", "sell", "0.01", "30000")
    bought = ann.create_order("BTC/USDT", "limit", "buy", "0.01", "30000")
    equal("the order", (bought["status"], D(bought["filled"])), ("closed", D("0.01")))
    equal("what ann owns", owns(), {"BTC": before["BTC"] + D("0.01") - fee(D("0.01")), "USDT": before["USDT"] - 300})
    rests = ann.create_order("BTC/USDT", "limit", "buy", "0.01", "20000")
    equal("it rests", [one["id"] for one in ann.fetch_open_orders("BTC/USDT")], [rests["id"]])
    equal("it is cancelled", ann.cancel_order(rests["id"], "BTC/USDT")["status"], "canceled")
    return ann


def by_wallets(ann):
    step("signs in with an EVM wallet and with a Solana wallet")
    wallet = Account.create()
    signs = lambda message: Account.sign_message(encode_defunct(text=message), wallet.key).signature.hex()
    evm = by_wallet(ann.url, "evm", wallet.address, "/auth/sign-in-evm", lambda message: "0x" + signs(message).removeprefix("0x"))
    private = Ed25519PrivateKey.generate()
    raw = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    address = base58.b58encode(private.public_key().public_bytes(*raw)).decode()
    signs = lambda message: base58.b58encode(private.sign(message.encode())).decode()
    sol = by_wallet(ann.url, "sol", address, "/auth/sign-in-sol", signs)
    holds("each wallet is a user of its own", len({evm, sol}) == 2, (evm, sol))


def by_wallet(url, kind, address, path, sign):
    """Signs in with a wallet; the same wallet is the same user, and a message serves once. Gives the user."""
    user = None
    for _ in range(2):
        client = Client(url)
        message = client.does(200, "POST", "/auth/signing-msg", {"address": address, "type": kind})["message"]
        holds("the message names the site and the wallet", message.startswith("localhost:8080 wants") and address in message, message)
        proof = {"message": message, "signature": sign(message)}
        changed = {**proof, "message": message.replace("localhost", "evil.example")}
        answer = client.call("POST", path, changed)
        equal("a message that was changed", answer.status_code, 401)
        entered = client.enters(path, proof)
        equal("/users/me", client.does(200, "GET", "/users/me"), entered)
        equal("the same wallet is the same user", user or entered["uid"], entered["uid"])
        user = entered["uid"]
        equal("a message serves once", Client(url).call("POST", path, proof).status_code, 401)
    return user


def verify_phone(ann, texts):
    step("verifies a phone and reaches level 2")
    once = {"Idempotency-Key": "the-phone-of-ann"}
    phone = ann.does(201, "POST", "/api/v2/me/phones", {"number": PHONE}, headers=once)
    equal("the answer to a repetition", ann.does(201, "POST", "/api/v2/me/phones", {"number": PHONE}, headers=once), phone)
    authority, code = texts.code(PHONE)
    equal("the gateway is shown its token", authority, "Bearer for-the-gateway")
    ann.does(200, "POST", f"/api/v2/me/phones/{phone['id']}/verify", {"code": code})
    equal("messages", len(texts.texts), 1)
    equal("level", ann.does(200, "GET", "/users/me")["level"], 2)


def submit_documents(ann, admin, post):
    step("hands in a passport, which an administrator reviews, and reaches level 3")
    said = "kind=passport&number=X123&country=CH&expires_on=2099-12-31"
    upload = lambda name: f"/api/v2/me/documents?{said}&file_name={name}"
    sends = {"headers": {"Content-Type": "application/octet-stream"}}
    ann.refused(400, "document_content_refused", "POST", upload("a.png"), data=b"<svg onload=alert(1)>", **sends)
    first = ann.does(201, "POST", upload("blurred.png"), data=picture(), **sends)
    ann.refused(403, "forbidden", "GET", "/api/v2/admin/documents")
    equal("what waits", [one["document"]["id"] for one in admin.does(200, "GET", "/api/v2/admin/documents?state=pending")["items"]], [first["id"]])
    seen = admin.call("GET", f"/api/v2/admin/documents/{first['id']}/content")
    equal("the file that the reviewer sees", seen.content, picture())
    review = lambda document: f"/api/v2/admin/documents/{document['id']}/review"
    admin.does(200, "POST", review(first), {"approve": False, "reason": "The picture is blurred"})
    holds("the letter says why", "blurred" in post.to(EMAIL, "not accepted").get_body(("plain",)).get_content())
    equal("level", ann.does(200, "GET", "/users/me")["level"], 2)
    second = ann.does(201, "POST", upload("sharp.png"), data=picture(), **sends)
    admin.does(200, "POST", review(second), {"approve": True})
    post.to(EMAIL, "was approved")
    equal("level", ann.does(200, "GET", "/users/me")["level"], 3)


def picture():
    """A PNG of 16 by 16 grey points."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    points = zlib.compress((b"\0" + b"\x80" * 16) * 16)
    head = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", points) + chunk(b"IEND", b"")


def freeze(ann, uid, admin, bot, recovery, post):
    step("is frozen: session, key and password are refused at once")
    admin.does(204, "POST", f"/api/v2/admin/users/{uid}/freeze", {"reason": "looks odd"})
    post.to(EMAIL, "is frozen")
    ann.refused(401, "session_ended", "GET", "/users/me")
    try:
        seen = bot.fetch_balance()
    except ccxt.BaseError as error:
        seen = str(error)
    holds("the key is refused", "-2015" in str(seen), seen)
    entry = {"email": EMAIL, "password": PASSWORD, "otp": recovery[1]}
    Client(ann.url).refused(403, "user_frozen", "POST", "/api/v2/auth/sign-in", entry)
    log = admin.does(200, "GET", f"/api/v2/admin/users/{uid}/activity?limit=100")["items"]
    holds("the log knows it", "freeze" in [one["action"] for one in log], log)
    came = next(one for one in log if one["action"] == "sign-in")
    equal("from where it came", (came["ip"], came["country"]), ("127.0.0.1", "CH"))
    holds("with what", came["user_agent"].startswith("python-requests/"), came)


def main():
    with Post() as post, Texts() as texts:
        settings = {"MAIL_SERVER": post.address, "MAIL_TLS": "none", "MAIL_FROM": "Rialto <no-reply@rialto.example>",
                    "IDENTITY_GEOIP_FILE": str(COUNTRIES), "TEXTS_URL": texts.url, "TEXTS_TOKEN": "for-the-gateway", "SITE_URL": SITE}
        with Exchange(**settings) as exchange:
            ann, admin = Client(exchange.url), Client(exchange.url)
            admin.enters("/api/v2/auth/sign-in", {"email": "admin@demo.example", "password": exchange.passwords["admin@demo.example"]})
            uid = sign_up(ann, post)
            codes, recovery = enrol_codes(ann, post)
            enrol_passkey(ann, uid, post)
            made = make_key(ann, codes, post)
            bot = trade(exchange, made)
            by_wallets(ann)
            verify_phone(ann, texts)
            submit_documents(ann, admin, post)
            freeze(ann, uid, admin, bot, recovery, post)


run(main)
