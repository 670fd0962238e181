"""A person at the API: speaks with a bearer token, keeps the words of the tests short."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.model import Actor
from tests.web.contract import hold


class Caller:
    """The API as one person sees it; every answer is held against the description of the API."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> TestResponse:
        return self._held(self._client.get(f"/api/v1{path}", headers=self._headers))

    def post(self, path: str, body: Any = None, *, key: str | None = None, **more: Any) -> TestResponse:
        headers = {**self._headers, **({} if key is None else {"Idempotency-Key": key})}
        sent = {"json": body} if body is not None else {}
        return self._held(self._client.post(f"/api/v1{path}", headers=headers, **sent, **more))

    def patch(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        headers = {**self._headers, **({} if key is None else {"Idempotency-Key": key})}
        return self._held(self._client.patch(f"/api/v1{path}", headers=headers, json=body))

    def _held(self, response: TestResponse) -> TestResponse:
        hold(self._client.application, response)
        return response

    def upload(
        self,
        path: str,
        model: bytes,
        files: Mapping[str, bytes] | None = None,
        *,
        name: str = "permit.bpmn",
        key: str | None = None,
        **fields: str,
    ) -> TestResponse:
        """A real multipart request."""
        parts = [(io.BytesIO(content), filename) for filename, content in (files or {}).items()]
        data = {"file": (io.BytesIO(model), name), "files": parts, **fields}
        return self.post(path, key=key, data=data, content_type="multipart/form-data")


CallerOf = Callable[[Actor], Caller]


def code_of(response: TestResponse) -> tuple[int, str]:
    """Status and problem code; the answer must be a problem."""
    assert response.content_type == "application/problem+json", response.text
    assert response.json is not None
    return response.status_code, response.json["code"]
