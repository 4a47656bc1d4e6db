"""Three ways to the same server behind one interface of named arguments."""

from __future__ import annotations

from oimkit.odoo.transport.calls import Call, Transport
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import Http, HttpLimits
from oimkit.odoo.transport.json2 import Json2
from oimkit.odoo.transport.jsonrpc import JsonRpc
from oimkit.odoo.transport.xmlrpc import XmlRpc

__all__ = ["Call", "Deadline", "Http", "HttpLimits", "Json2", "JsonRpc", "Transport", "XmlRpc"]
