"""Wire values to Python values and back, by field type: the only place of oimkit in which a float exists.

| type in ``fields_get`` | on the wire | in Python |
|---|---|---|
| boolean | true, false | bool |
| integer | number | int |
| float, monetary | number | Decimal, with the field's digits or its currency's decimals where they are known |
| date | ``2026-01-31`` | date, never shifted |
| datetime | ``2026-01-31 23:30:00``, in UTC | aware datetime in UTC |
| many2one | ``[id, name]`` | Ref |
| reference | ``res.partner,7`` | RecordRef |
| many2one_reference | number; the model stands in another field | RecordRef |
| one2many, many2many | list of ids | tuple of ids |
| char, text, html, selection | text | str |
| binary | base64 text | bytes |
| json | as it is | as it is: dicts, lists, str, int, Decimal, bool |
| properties | list of definitions with values | Properties |
| properties_definition | list of definitions | tuple of Definition |

``false`` in a field that is not a boolean is None. On writing, None empties a field and UNSET leaves it as it is.
"""

from oimkit.odoo.codec.model import UNSET, Field, Record, RecordRef, Ref, Rounded, Unset, Value
from oimkit.odoo.codec.properties import Definition, Properties, Unreadable
from oimkit.odoo.codec.reading import decode_column
from oimkit.odoo.codec.wire import Wire, double_text, dump_json, parse_json, read_double, refuse_unwireable
from oimkit.odoo.codec.writing import cell_text, encode_value, encode_values

__all__ = [
    "UNSET",
    "Definition",
    "Field",
    "Properties",
    "Record",
    "RecordRef",
    "Ref",
    "Rounded",
    "Unreadable",
    "Unset",
    "Value",
    "Wire",
    "cell_text",
    "decode_column",
    "double_text",
    "dump_json",
    "encode_value",
    "encode_values",
    "parse_json",
    "read_double",
    "refuse_unwireable",
]
