"""The shape all API routes share: unit of work, schemas, idempotency, description. A view is left with one verb."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.wrappers import Response

from engine.store.uow import UnitOfWork
from web import marks
from web.api import requests
from web.api.once import answer, once
from web.context import actor, house
from web.json import dumps

View = TypeVar("View", bound=Callable[..., Any])

PREFIX = "/api/v1"
PROBLEM = "Problem"  # the one response component that all refusals share
_KEY_PARAMETER = {
    "name": requests.KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "The same key gets the same answer, and the change is made once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_WRITE_REFUSALS = (400, 401, 403, 409, 413, 415, 422)


class Door:
    """A group of routes under /api/v1.

    ``read`` and ``write`` register a view. A view takes ``uow``, then by name its path parameters and, where the
    route has them, ``query`` or ``body``; it returns what the schema ``returns`` describes.
    """

    def __init__(self, name: str, *, description: str) -> None:
        self.blueprint = Blueprint(name, f"web.api.{name}", url_prefix=PREFIX, description=description)

    def read(
        self, rule: str, *, name: str, summary: str, returns: Schema, query: Schema | None = None
    ) -> Callable[[View], View]:
        """Register a GET route. ``name`` is its operation id."""

        def register(view: View) -> View:
            def run(**path: Any) -> Response:
                if query is not None:
                    path["query"] = requests.query(query)
                with house().db.read(actor()) as uow:
                    return answer(dumps(returns.dump(view(uow, **path))))

            refusals = [400, 401, 403, *([404] if "<" in rule else []), *([422] if query else [])]
            document: dict[str, Any] = {"responses": _responses(200, returns, refusals)}
            if query is not None:
                document["parameters"] = [{"in": "query", "schema": query}]
            self._add(rule, "GET", run, view, operationId=name, summary=summary, **document)
            return view

        return register

    def write(
        self,
        rule: str,
        *,
        name: str,
        summary: str,
        returns: Schema,
        body: Schema | None = None,
        multipart: dict[str, Any] | None = None,
        method: str = "POST",
        status: int = 200,
        changes: bool = True,
        keyed: bool = True,
    ) -> Callable[[View], View]:
        """Register a POST or PATCH route: one unit of work, one commit, made once per Idempotency-Key.

        Args:
            rule, name: address under /api/v1 and operation id.
            summary, returns: for the description; ``returns`` also makes the answer.
            body: schema of the JSON body; None = no body.
            multipart: JSON schema of a multipart body, which the view reads itself.
            status: of the answer when all went well.
            changes: False for a route that only looks: no key, no commit.
            keyed: False for an answer that must not be kept, such as a password: a repeat changes it once more.
        """

        def register(view: View) -> View:
            def act(uow: UnitOfWork, **arguments: Any) -> bytes:
                return dumps(returns.dump(view(uow, **arguments)))

            def run(**path: Any) -> Response:
                if body is not None:
                    path["body"] = requests.body(body)
                elif multipart is None:
                    requests.no_body()
                if not changes:
                    with house().db.read(actor()) as uow:
                        return answer(act(uow, **path), status)
                if not keyed:
                    with house().db.unit(actor()) as uow:
                        made = act(uow, **path)
                    return answer(made, status)
                return once(lambda uow: act(uow, **path), status=status, task_id=path.get("task_id"))

            refusals = [*_WRITE_REFUSALS, *([404] if "<" in rule else [])]
            document: dict[str, Any] = {"responses": _responses(status, returns, sorted(refusals))}
            if body is not None:
                content: dict[str, Any] = {"application/json": {"schema": body}}
                needed = any(field.required for field in body.fields.values())
                document["requestBody"] = {"required": needed, "content": content}
            if multipart is not None:
                document["requestBody"] = {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": multipart}},
                }
                marks.upload(run)
            if changes and keyed:
                document["parameters"] = [_KEY_PARAMETER]
            self._add(rule, method, run, view, operationId=name, summary=summary, **document)
            return view

        return register

    def bytes(self, rule: str, *, name: str, summary: str, media_type: str) -> Callable[[View], View]:
        """Register a GET route that answers with bytes as they are; the view returns (bytes, file name)."""

        def register(view: View) -> View:
            def run(**path: Any) -> Response:
                with house().db.read(actor()) as uow:
                    content, filename = view(uow, **path)
                response = current_app.response_class(content, mimetype=media_type)
                response.headers.set("Content-Disposition", "attachment", filename=filename)
                # Somebody uploaded this: it is never a page of ours.
                response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
                return response

            responses = _responses(200, None, [400, 401, 404])
            responses["200"]["content"] = {media_type: {"schema": {"type": "string"}}}
            self._add(rule, "GET", run, view, operationId=name, summary=summary, responses=responses)
            return view

        return register

    def _add(self, rule: str, method: str, run: Callable[..., Response], view: Any, **document: Any) -> None:
        run.__name__, run.__doc__ = view.__name__, view.__doc__
        described = self.blueprint.doc(**document)(run)
        self.blueprint.add_url_rule(rule, document["operationId"], described, methods=[method])


def _responses(status: int, returns: Schema | None, refusals: list[int]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if returns is not None:
        good["content"] = {"application/json": {"schema": returns}}
    return {str(status): good, **{str(code): PROBLEM for code in refusals}}
