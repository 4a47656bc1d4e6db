"""XML-RPC."""

from __future__ import annotations

from oimkit.odoo.transport.jsonrpc import JsonRpc as XmlRpc

__all__ = ["XmlRpc"]
