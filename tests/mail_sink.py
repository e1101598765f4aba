"""A mail server that fails as told: by the beginning of the receiver's name, up to the first dot.

    mail_sink.py --port P --log FILE [--user U --password W] [--cert C --key K [--at-once]] [--slow S]

Every letter that is taken is a line of JSON in FILE. What a name does at its first attempt (later ones are taken):
    busy 451 at the receiver   full 452 at the data   lost dropped after the data, not taken
    drop dropped after the data, but taken            slow answers after S seconds, taken
    late answers 451 after S seconds
and always:
    gone 550 at the receiver   never 451 at the receiver   sick 554 at the data
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    def __init__(self, log, slow):
        self.log, self.slow, self.tried = log, slow, set()

    def first(self, address):
        """Whether this is the first attempt of a name that fails once."""
        known = address in self.tried
        self.tried.add(address)
        return not known

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.split(".")[0]
        if kind == "gone":
            return f"550 5.1.1 <{address}> no such user here"
        if kind == "never" or (kind == "busy" and self.first(address)):
            return f"451 4.7.1 <{address}> come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        kind = address.split(".")[0]
        if kind == "sick":
            return f"554 5.7.1 <{address}> we do not like this"
        once = kind in ("full", "lost", "drop", "slow", "late") and self.first(address)
        if once and kind in ("slow", "late"):
            await asyncio.sleep(self.slow)
        if once and kind == "full":
            return f"452 4.2.2 <{address}> mailbox full"
        if once and kind == "late":
            return f"451 4.3.0 <{address}> not now"
        if not (once and kind == "lost"):
            self.keep(envelope, session, server.transport)
        if once and kind in ("lost", "drop"):
            server.transport.abort()
        return "250 taken"

    def keep(self, envelope, session, transport):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        text, page = (message.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
        line = {
            "from": envelope.mail_from, "receivers": envelope.rcpt_tos, "to": str(message["To"]),
            "id": message["Message-ID"], "subject": str(message["Subject"]), "date": str(message["Date"]),
            "headers": sorted(name.lower() for name in message.keys()), "automatic": message["Auto-Submitted"],
            "type": message.get_content_type(), "charset": text.get_content_charset(),
            "body": text.get_content(), "page": page.get_content(),
            "ending": message["List-Unsubscribe"], "click": message["List-Unsubscribe-Post"], "ascii": envelope.original_content.isascii(),
            "size": len(envelope.original_content),
            "tls": transport.get_extra_info("sslcontext") is not None, "user": bool(session.authenticated),
            "longest": max(map(len, envelope.original_content.splitlines())),
        }
        self.log.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.log.flush()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--slow", type=float, default=3.0)
    for name in ("--user", "--password", "--cert", "--key"):
        parser.add_argument(name)
    parser.add_argument("--at-once", action="store_true")
    asked = parser.parse_args()
    tls = None
    if asked.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(asked.cert, asked.key)
    known = (asked.user or "", asked.password or "")

    def authenticate(server, session, envelope, mechanism, data):
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == known, handled=False)

    sink = Sink(open(asked.log, "a", encoding="utf-8"), asked.slow)
    start = None if asked.at_once else tls

    def protocol():
        return SMTP(
            sink, hostname="sink.example", tls_context=start, require_starttls=bool(start),
            authenticator=authenticate if asked.user else None, auth_required=bool(asked.user),
            auth_require_tls=False, enable_SMTPUTF8=False,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", asked.port, ssl=tls if asked.at_once else None)
    print("ready", flush=True)
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
