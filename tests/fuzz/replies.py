"""Any bytes as the reply of a server: every transport makes a value of them, or an error of the tree."""

from __future__ import annotations

import zlib
from typing import Any

from oimkit.errors import BadReply, OutcomeUnknown, Refused
from oimkit.odoo import Secret
from oimkit.odoo.transport import Call, Deadline, Http, Json2, JsonRpc, XmlRpc
from oimkit.odoo.transport.http import Reply

__all__ = ["WAYS", "read_reply"]

CALLS = (
    Call("res.partner", "search_read", arguments={"domain": []}),
    Call("res.partner", "create", arguments={"vals_list": [{}]}),
    Call("account.move", "action_post", (6,)),
    Call("my.model", "unknown_method"),  # which asks for the documentation over JSON-2
)
SECRET = Secret("s")
WAYS = (
    (XmlRpc, 200, "text/xml"),
    (JsonRpc, 200, "application/json"),
    (Json2, 200, "application/json"),
    (Json2, 422, "application/json"),
    (JsonRpc, 502, "text/html"),
)
"""Each reply is read by every transport, with the status and the content type that go with it."""


class Answers(Http):
    """Answers every request with the same reply; nothing is sent."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("http://localhost")
        self._reply = reply

    def exchange(self, *_args: Any, **_named: Any) -> Reply:
        return self._reply


def read_reply(data: bytes) -> bool:
    """True when *data* is a good answer over any transport, to one of the calls."""
    read = False
    for kind, status, content_type in WAYS:
        headers = {"content-type": content_type, "content-length": str(len(data))}
        transport = kind(Answers(Reply(status, headers, data)), "db", 2, SECRET)
        call = CALLS[zlib.crc32(data) % len(CALLS)]
        try:
            transport.send(call, Deadline.after(60))
        except BadReply:
            assert not call.changes
        except OutcomeUnknown:
            assert call.changes
        except Refused:
            continue
        else:
            read = True
    return read
