"""What a server's traceback tells about how far a call got: names of functions only, never a line of its text.

The older services commit before they write their reply (``execute_kw`` ends its transaction, then the controller
marshals the result). A failure to write is therefore told apart from a failure of the method by the functions that
stand between the controller and the exception. Measured on 14.0 and 19.0:

    XML-RPC   _xmlrpc, dumps, dumps, [dump_array or dump_struct, ...] __dump, dump_nil   the result is not writable
              _xmlrpc, dispatch_rpc, dispatch, ..., call_kw, ...                         the method or its arguments
    JSON-RPC  ..., jsonrpc, dispatch_rpc, ..., call_kw, [method], [_handle_exception]    the same

JSON-2 runs method and writing in one transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Trace", "read_trace"]

_FRAME = re.compile(r'^  File ".*", line \d+, in (\S+)$', re.MULTILINE)
_EXCEPTION_LINE = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")
_CALLED = frozenset(["dispatch_rpc", "execute_kw", "execute_cr", "call_kw"])
_CONTROLLERS = frozenset(["_xmlrpc", "jsonrpc", "web_json_2_rpc"])
_BINDING = frozenset(["call_kw", "_call_kw_model", "_call_kw_multi", "_call_kw_model_create"])
_XML_RESULT = frozenset(["dumps", "__dump", "dump_nil"])
_JSON_WRITING = frozenset(["_json_response", "make_json_response", "iterencode", "_iterencode", "encode", "dumps"])


@dataclass(frozen=True, slots=True)
class Trace:
    """Functions from the outermost to the innermost, and the exception that ended them: its class and text."""

    functions: tuple[str, ...]
    name: str
    message: str

    @property
    def is_of_xml_reply(self) -> bool:
        """True when the result could not be written as XML: the method itself was carried out and committed."""
        return "_xmlrpc" in self.functions and not _CALLED.intersection(self._inside("_xmlrpc"))

    @property
    def is_of_json_reply(self) -> bool:
        """True when the result could not be written as JSON, after the older service has committed."""
        functions = set(self.functions)
        return not functions.isdisjoint(_JSON_WRITING) and functions.isdisjoint([*_CALLED, "web_json_2_rpc"])

    @property
    def is_of_whole_result(self) -> bool:
        """True when the result itself, not a value in it, could not be written as XML."""
        return self.is_of_xml_reply and _XML_RESULT.issuperset(self._inside("_xmlrpc"))

    @property
    def is_of_binding(self) -> bool:
        """True when the method could not be entered with these ids and arguments, or nothing tells."""
        inner = [function for function in self.functions if function != "_handle_exception"]
        return self.is_unplaced or inner[-1] in _BINDING

    @property
    def is_unplaced(self) -> bool:
        """True when no function of Odoo's services is among them, so that they tell nothing."""
        return (_CALLED | _CONTROLLERS).isdisjoint(self.functions)

    def _inside(self, function: str) -> tuple[str, ...]:
        last = len(self.functions) - 1 - self.functions[::-1].index(function)
        return self.functions[last + 1 :]


def read_trace(text: str) -> Trace:
    """The trace in *text*, which ends with the exception; its message may go on over several lines."""
    lines = text.rstrip().splitlines()
    functions = tuple(_FRAME.findall(text))
    for index in range(len(lines) - 1, -1, -1):
        found = _EXCEPTION_LINE.match(lines[index])
        if found and index and lines[index - 1].startswith(" "):
            return Trace(functions, found[1], "\n".join([found[2] or "", *lines[index + 1 :]]))
    found = _EXCEPTION_LINE.match(lines[-1]) if lines else None
    if found:
        return Trace(functions, found[1], found[2] or "")
    return Trace(functions, "", lines[-1] if lines else "")
