"""What the web client asks for: sessions, calls within one, files, reports; and the documentation of methods (19)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.database import Database
from oimkit.sandbox.describe import describe_fields, label_of
from oimkit.sandbox.faults import Call
from oimkit.sandbox.refusals import AccessDenied, AccessError, Foreign, NotFound, ServerRefusal
from oimkit.sandbox.replies import Reply, described, json_reply, not_found, page
from oimkit.sandbox.rights import has_group
from oimkit.sandbox.rpc import call_legacy, entry_points
from oimkit.sandbox.services import Job, plain_result, version_info
from oimkit.sandbox.sessions import Sessions, session_info

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = ["SessionExpired", "WebClient"]

_CALL = re.compile(r"/web/dataset/call_(?:kw|button)(?:/[\w.]+/\w+)?")
_CONTENT = re.compile(r"/web/content/(\d+)(?:/[^/]*)?")
_REPORT = re.compile(r"/report/pdf/([\w.]+)/(\d+(?:,\d+)*)")


class SessionExpired(Foreign):
    """A call of the web client without a session that is known; its JSON-RPC code is 100."""

    def __init__(self) -> None:
        super().__init__("odoo.http.SessionExpiredException", "Session expired")


class WebClient:
    """The routes of one database's web client."""

    def __init__(self, database: Database) -> None:
        self.database, self.sessions = database, Sessions()

    # JSON routes ------------------------------------------------------------------------------------------------

    def job(self, path: str, params: Mapping[str, Any], cookies: str | None) -> tuple[Job, str | None] | None:
        """(what to do, the id of the session that it opens) for a JSON route, or None for a path that is none."""
        if path == "/web/webclient/version_info":
            return Job(None, lambda: version_info(self.database)), None
        if path == "/web/database/list":
            return Job(None, lambda: [self.database.name]), None
        if path == "/web/session/authenticate":
            return self._sign_in(params)
        user = self.sessions.user_of(cookies)
        if path == "/web/session/get_session_info":
            return Job(None, lambda: session_info(self.database, self._known(user))), None
        if path == "/web/session/check":
            return Job(None, lambda: self._check(user)), None
        if path == "/web/session/destroy":
            return Job(None, lambda: self._sign_out(user, cookies)), None
        if _CALL.fullmatch(path):
            return self._call(params, user), None
        return None

    def _known(self, user: int | None) -> int:
        if user is None:
            raise SessionExpired
        return user

    def _check(self, user: int | None) -> None:
        self._known(user)

    def _sign_in(self, params: Mapping[str, Any]) -> tuple[Job, str | None]:
        """A password opens a session; an API key does not, and with a second factor nobody is signed in yet."""
        self.database.check_name(params.get("db"))
        login = self.database.login_of(params.get("login"))
        if login is None or login.password != params.get("password"):
            raise AccessDenied
        if login.totp is not None:
            return Job(None, lambda: session_info(self.database, None)), None
        return Job(None, lambda: session_info(self.database, login.user_id)), self.sessions.open(login.user_id)

    def _sign_out(self, user: int | None, cookies: str | None) -> None:
        self._known(user)
        self.sessions.close(cookies)

    def _call(self, params: Mapping[str, Any], user: int | None) -> Job:
        model, method = str(params.get("model")), str(params.get("method"))
        named = dict(params.get("kwargs") or {})
        context = named.pop("context", None) or {}

        def step(env: Environment) -> Any:
            return call_legacy(env[model], method, list(params.get("args") or []), named)

        def run(snapshot: Any = None) -> Any:
            return plain_result(self.database.run(self._known(user), context, step, snapshot))

        return Job(Call(model, method), run)

    # Pages and files --------------------------------------------------------------------------------------------

    def get(self, path: str, cookies: str | None, key: str) -> Reply | None:
        """The answer to a GET of *path*, or None for a path that is not the web client's; *key* is a bearer's."""
        if path in ("/", "/web"):
            there = "/odoo" if path == "/" and self.database.has("json2") else "/web" if path == "/" else "/web/login"
            return page(303, "See Other", headers=(("Location", there),))
        if path == "/web/login":
            return page(200, "Log in", '<script>var odoo = {csrf_token: "sandbox"};</script>')
        if path == "/web/health" and self.database.has("health_page"):
            return json_reply({"status": "pass"})
        user = self.sessions.user_of(cookies)
        if found := _CONTENT.fullmatch(path):
            return self._content(user, int(found[1]))
        if found := _REPORT.fullmatch(path):
            return self._report(user, found[1], [int(id_) for id_ in found[2].split(",")])
        if path.startswith("/doc-bearer/") and self.database.has("json2"):
            return self._documentation(self.database.user_of_key(key), path.removeprefix("/doc-bearer/"))
        if path.startswith("/doc/") and self.database.has("json2"):
            return self._documentation(user, path.removeprefix("/doc/"))
        return None

    def _content(self, user: int | None, id_: int) -> Reply:
        """The bytes of an attachment; one that the user may not see is not there."""
        if user is None:
            return not_found()

        def step(env: Environment) -> tuple[str, bytes]:
            attachments: Any = env["ir.attachment"]
            content: bytes = attachments.content(id_)
            return str(attachments.row(id_).get("mimetype") or "application/octet-stream"), content

        try:
            kind, content = self.database.run(user, {}, step)
        except ServerRefusal:
            return not_found()
        return Reply(200, kind, content)

    def _report(self, user: int | None, report: str, ids: list[int]) -> Reply:
        if user is None:
            return page(303, "See Other", headers=(("Location", "/web/login"),))

        def step(env: Environment) -> bytes:
            reports: Any = env["ir.actions.report"]
            drawn: bytes = reports.pdf(report, ids)
            return drawn

        try:
            return Reply(200, "application/pdf", self.database.run(user, {}, step))
        except ServerRefusal as refusal:
            return page(500, "Internal Server Error", refusal.name)

    # The documentation of methods -------------------------------------------------------------------------------

    def _documentation(self, user: int | None, name: str) -> Reply:
        """``index.json``, or ``<model>.json`` with its fields and the parameters of its methods."""
        if user is None:
            return not_found()

        def step(env: Environment) -> Any:
            if not has_group(env, "base.group_system"):
                raise AccessError("This page is only accessible to Technical Documentation users.")
            if name == "index.json":
                models = [{"model": model, "name": label_of(model)} for model in env.profile.models]
                return {"modules": list(env.profile.modules), "models": models}
            model = name.removesuffix(".json")
            if not name.endswith(".json") or model not in env.profile.models:
                raise NotFound("The requested URL was not found on the server.")
            return _documented(env, model)

        try:
            return json_reply(self.database.run(user, {}, step))
        except ServerRefusal as refusal:
            return json_reply(described(refusal), refusal.status)


def _documented(env: Environment, name: str) -> dict[str, Any]:
    model = env[name]
    methods = {
        entry.name: _method(entry.kind, entry.function)
        for entry in entry_points(type(model))
        if entry.since <= env.version <= entry.until
    }
    return {
        "model": name,
        "name": label_of(name),
        "doc": None,
        "fields": describe_fields(model, None, None),
        "methods": methods,
    }


def _method(kind: str, function: Callable[..., Any]) -> dict[str, Any]:
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[2 if kind == "multi" else 1 :]
    parameters: dict[str, dict[str, Any]] = {}
    for parameter in own:
        known = parameter.default is not inspect.Parameter.empty
        parameters[parameter.name] = {"default": _shown(parameter.default)} if known else {}
    text = ", ".join(
        name if "default" not in about else f"{name}={about['default']}" for name, about in parameters.items()
    )
    return {
        "signature": f"({text})",
        "parameters": parameters,
        **({"api": ["model"]} if kind == "model" else {}),
        "module": "core",
        "model": "core",
    }


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, str)) else list(value)
