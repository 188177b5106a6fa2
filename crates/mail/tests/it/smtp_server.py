"""A mail server for the tests, by aiosmtpd. It listens on a free port, prints `ready PORT`, and writes every letter that it
takes to a file. What it does with a recipient says the part of the address before the `@`:

    refused   550, for ever
    busy      451 the first time, then taken
    dies      the whole server ends in the middle of the letter, the first time; then taken
    silent    no answer at all
    anybody   taken
"""

import argparse
import asyncio
import json
import os
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

arguments = argparse.ArgumentParser()
arguments.add_argument("--letters", type=pathlib.Path, required=True)
arguments.add_argument("--port", type=int, default=0)
arguments.add_argument("--tls", choices=["none", "starttls", "tls"], default="none")
arguments.add_argument("--certificate")
arguments.add_argument("--key")
arguments.add_argument("--user")
arguments.add_argument("--password")
arguments = arguments.parse_args()


def first_time(what):
    """Whether this happens for the first time, also when the server was started again meanwhile."""
    mark = arguments.letters / f"{what}.mark"
    if mark.exists():
        return False
    mark.touch()
    return True


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "refused":
            return "550 5.1.1 no such user"
        if name == "busy" and first_time("busy"):
            return "451 4.7.1 try again later"
        if name == "silent":
            await asyncio.sleep(600)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("dies@") and first_time("dies"):
            os._exit(9)
        letters = arguments.letters
        number = len(list(letters.glob("*.eml")))
        (letters / f"{number}.eml").write_bytes(envelope.original_content)
        said = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or arguments.tls == "tls",
            "user": session.auth_data.decode() if session.auth_data else None,
            "hello": session.host_name,
        }
        (letters / f"{number}.json").write_text(json.dumps(said))
        return f"250 2.0.0 taken as {number}"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login.decode() == arguments.user and data.password.decode() == arguments.password
    return AuthResult(success=right, handled=right, auth_data=data.login, message=None if right else "535 5.7.8 wrong")


async def main():
    context = None
    if arguments.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.certificate, arguments.key)
    options = {"enable_SMTPUTF8": False, "hostname": "mail.test", "ident": "test"}
    if arguments.user:
        options |= {"auth_required": True, "auth_require_tls": False, "authenticator": authenticate}
    if arguments.tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    listening = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), **options),
        "127.0.0.1",
        arguments.port,
        ssl=context if arguments.tls == "tls" else None,
    )
    print("ready", listening.sockets[0].getsockname()[1], flush=True)
    # The test holds the other end: when it ends, however it does, so does this server.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
