"""The server's services behind its three protocols: ``common``, ``db`` and ``object``, and the calls of JSON-2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oimkit.sandbox.database import NAME, Database
from oimkit.sandbox.environment import Environment
from oimkit.sandbox.faults import Call
from oimkit.sandbox.refusals import Foreign, NotFound, UserError
from oimkit.sandbox.rpc import call_json2, call_legacy
from oimkit.sandbox.store import Snapshot
from oimkit.sandbox.values import Created

__all__ = ["Job", "json2_job", "legacy_job", "plain_result", "version_info"]


class Job:
    """One call, checked and ready: ``call`` is None where no model is asked; ``run`` does it.

    A call of a model takes the snapshot that its transaction sees; without one it sees what is there when it is run.
    """

    def __init__(self, call: Call | None, run: Callable[..., Any]) -> None:
        self.call = call
        self.run = run


def plain_result(result: Any) -> Any:
    """What the older protocols make of the result of ``create``: one id for one dictionary."""
    if isinstance(result, Created):
        return result.ids[0] if result.single else list(result.ids)
    return result


def version_info(database: Database) -> dict[str, Any]:
    version = database.profile.server_version
    info = [database.profile.version, 0, 0, "final", 0, ""]
    return {"server_version": version, "server_version_info": info, "server_serie": version, "protocol_version": 1}


def legacy_job(database: Database, service: Any, method: Any, arguments: Sequence[Any]) -> Job:
    """The job of an XML-RPC or JSON-RPC request. Raises ServerRefusal for a login or service that is not there."""
    if service == "common":
        return Job(None, lambda: _common(database, str(method), arguments))
    if service == "db" and method in ("list", "server_version"):
        answer = [NAME] if method == "list" else database.profile.server_version
        return Job(None, lambda: answer)
    if service == "object" and method in ("execute", "execute_kw"):
        return _object_job(database, str(method), arguments)
    raise Foreign("builtins.NameError", f"Method not available {service}.{method}")


def _common(database: Database, method: str, arguments: Sequence[Any]) -> Any:
    if method == "version":
        return version_info(database)
    if method in ("authenticate", "login") and len(arguments) >= 3:
        database.check_name(arguments[0])
        return database.authenticate(arguments[1], arguments[2]) or False
    raise Foreign("builtins.Exception", f"Method not found: {method}")


def _object_job(database: Database, service_method: str, arguments: Sequence[Any]) -> Job:
    if len(arguments) < 5:
        raise Foreign("builtins.TypeError", f"{service_method}() missing required positional arguments")
    name, user, secret, model, method = arguments[:5]
    positional, named = list(arguments[5:]), {}
    if service_method == "execute_kw":
        positional = list(arguments[5]) if len(arguments) > 5 else []
        named = dict(arguments[6] or {}) if len(arguments) > 6 else {}
    context = named.pop("context", None) or {}

    def run(snapshot: Snapshot | None = None) -> Any:
        database.check_name(name)
        checked = database.check_user(user, secret)

        def step(env: Environment) -> Any:
            return call_legacy(env[str(model)], str(method), positional, named)

        return plain_result(database.run(checked, context, step, snapshot))

    return Job(Call(str(model), str(method)), run)


def json2_job(database: Database, key_user: int, model: str, method: str, body: Mapping[str, Any]) -> Job:
    """The job of ``POST /json/2/<model>/<method>``: ``ids`` and ``context`` are taken out of the named arguments."""
    named = {name: value for name, value in body.items() if name not in ("ids", "context")}

    def step(env: Environment) -> Any:
        try:
            target = env[model]
        except UserError:
            raise NotFound(f"the model {model!r} does not exist") from None
        return call_json2(target, method, body.get("ids"), named)

    def run(snapshot: Snapshot | None = None) -> Any:
        result = database.run(key_user, body.get("context") or {}, step, snapshot)
        return list(result.ids) if hasattr(result, "ids") else result

    return Job(Call(model, method), run)
