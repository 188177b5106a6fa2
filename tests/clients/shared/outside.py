"""What the exchange reaches outside of itself: a mail server, and a gateway for text messages. Both are real servers."""

import email
import email.policy
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

from life import eventually


class Post:
    """An SMTP server that keeps what it is sent; `address` is what `mail.server` is set to."""

    def __enter__(self):
        self.letters = []
        # The controller calls its own port to see whether it is up, so it has to know it.
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.address = f"127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self.controller.stop()

    async def handle_DATA(self, _server, _session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append((envelope.rcpt_tos, letter))
        return "250 taken"

    def to(self, address, words):
        """The letter to this address whose subject holds the words, when it is there."""
        def find():
            fits = lambda recipients, letter: address in recipients and words in letter["subject"]
            return next((letter for recipients, letter in self.letters if fits(recipients, letter)), None)
        return eventually(f"a letter “{words}” to {address}", find)


def token(letter):
    """The token of the link, from the text part and from the HTML part, which must agree."""
    parts = [letter.get_body((kind,)).get_content() for kind in ("plain", "html")]
    plain, html = (re.search(r"#token=([A-Za-z0-9._~-]+)", part).group(1) for part in parts)
    assert plain == html, (plain, html)
    return plain


class Texts:
    """A gateway for text messages; `url` is what `texts.url` is set to."""

    def __enter__(self):
        texts = self.texts = []

        class Gateway(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                texts.append((self.headers["Authorization"], json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        self.url = "http://127.0.0.1:%d/send" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def code(self, number):
        """The code that was sent to this number, when it is there, and with what authority it came."""
        def find():
            return next((one for one in self.texts if one[1]["to"] == number), None)
        authority, message = eventually(f"a message to {number}", find)
        return authority, re.search(r"\b\d{6}\b", message["text"]).group(0)
