"""One Flask application with six systems under six paths, plus ``/knobs`` and ``/effects`` to drive and inspect them."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from web.simulators import registers
from web.simulators.knobs import SYSTEMS, Effect, Knobs, KnobsInvalid

Answer = tuple[dict[str, Any], int]


class Bad(Exception):
    """A request body that the system cannot use (400)."""


def make_simulators_app(knobs: Knobs) -> Flask:
    """The systems, behaving as ``knobs`` say at the moment of each call."""
    app = Flask("lintas-simulators", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000

    def operate(system: str, operation: str, act: Callable[[Mapping[str, Any]], Answer], **path: str) -> Any:
        trouble = knobs.suffer(system)
        match trouble:
            case "outage":
                return jsonify(error="MAINTENANCE"), 503, {"Retry-After": "1"}
            case "html":
                return Response(
                    "<!doctype html><title>Portal</title><h1>Please sign in</h1>", mimetype="text/html"
                )
            case "error":
                return jsonify(error="INTERNAL"), 500
        body: dict[str, Any] = dict(path)
        if request.method != "GET":
            sent = request.get_json(silent=True)
            if not isinstance(sent, dict):
                return jsonify(error="BODY_NOT_JSON_OBJECT"), 400
            body = {**sent, **path}
            key = request.headers.get("Idempotency-Key", "")
            if not key:
                return jsonify(error="IDEMPOTENCY_KEY_MISSING"), 400
            known = knobs.recall(system, key, operation)
            if known is not None:
                return jsonify(known.answer), known.status, {"X-Repeated": "true"}
        try:
            answer, status = act(body)
        except Bad as error:
            return jsonify(error="BAD_REQUEST", message=str(error)), 400
        if request.method != "GET":
            knobs.remember(
                system, Effect(key=key, operation=operation, body=body, answer=answer, status=status)
            )
        return jsonify(answer), status

    @app.post("/population/nik/verify")
    def nik_verify() -> Any:
        return operate("population", "nik/verify", verify_nik)

    @app.post("/tax/npwp/status")
    def npwp_status() -> Any:
        return operate("tax", "npwp/status", tax_status)

    @app.post("/tax/bill")
    def bill() -> Any:
        return operate("tax", "bill", make_bill)

    @app.post("/spatial/zone")
    def spatial_zone() -> Any:
        return operate("spatial", "zone", find_zone)

    @app.post("/environment/screening")
    def screening() -> Any:
        return operate("environment", "screening", screen)

    @app.get("/health/lab/<number>")
    def lab(number: str) -> Any:
        return operate("health", "lab", lab_result, number=number)

    @app.post("/health/slhs")
    def slhs() -> Any:
        return operate("health", "slhs", register_hygiene_certificate)

    @app.post("/fire/register")
    def fire() -> Any:
        return operate("fire", "register", register_premises)

    @app.get("/knobs")
    def read_knobs() -> Any:
        return jsonify({name: _behaviour(knobs, name) for name in SYSTEMS})

    @app.put("/knobs/<system>")
    def turn_knobs(system: str) -> Any:
        changes = request.get_json(silent=True)
        if not isinstance(changes, dict):
            return jsonify(error="send a JSON object of knobs"), 400
        try:
            knobs.turn(system, **changes)
        except KnobsInvalid as error:
            return jsonify(error=str(error)), 400
        return jsonify(_behaviour(knobs, system))

    @app.get("/effects/<system>")
    def effects(system: str) -> Any:
        try:
            done = knobs.effects(system)
        except KnobsInvalid as error:
            return jsonify(error=str(error)), 404
        return jsonify(
            [{"key": e.key, "operation": e.operation, "calls": e.calls, "status": e.status} for e in done]
        )

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Any:
        return jsonify(error=error.name), error.code

    return app


def _behaviour(knobs: Knobs, system: str) -> dict[str, Any]:
    behaviour = knobs.behaviour(system)
    return {name: getattr(behaviour, name) for name in ("latency_ms", "error_rate", "outage", "html")} | {
        "calls": knobs.calls(system)
    }


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Bad(f"{name} must be a text")
    return value


def _number(body: Mapping[str, Any], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Bad(f"{name} must be a number")
    return float(value)


def verify_nik(body: Mapping[str, Any]) -> Answer:
    nik = _text(body, "nik")
    person = registers.RESIDENTS.get(nik)
    if person is None:
        return {"error": "NIK_NOT_FOUND"}, 404
    if not person.alive:
        return {"error": "DECEASED"}, 410
    match = {
        "nik": True,
        "full_name": _text(body, "full_name").casefold() == person.full_name.casefold(),
        "birth_date": _text(body, "birth_date") == person.birth_date.isoformat(),
    }
    return {"match": match, "all_match": all(match.values()), "alive": True}, 200


def tax_status(body: Mapping[str, Any]) -> Answer:
    taxpayer = registers.TAXPAYERS.get(_text(body, "npwp"))
    if taxpayer is None:
        return {"error": "NOT_FOUND"}, 404
    owner, active = taxpayer
    return {"valid": owner == _text(body, "nik"), "active": active}, 200


def make_bill(body: Mapping[str, Any]) -> Answer:
    number, amount = _text(body, "application_number"), _number(body, "amount")
    if amount <= 0:
        return {"error": "AMOUNT_NOT_POSITIVE"}, 422
    digits = int(hashlib.sha256(number.encode()).hexdigest()[:12], 16) % 10**10
    return {"bill_no": f"820{digits:010d}", "amount": amount, "valid_for_days": 7}, 201


def find_zone(body: Mapping[str, Any]) -> Answer:
    found = registers.zone(_number(body, "lat"), _number(body, "lon"))
    return ({"error": "OUTSIDE_PLAN"}, 404) if found is None else (found, 200)


def screen(body: Mapping[str, Any]) -> Answer:
    large = _number(body, "floor_area_m2") >= 500 or _number(body, "wastewater_l_day") >= 5000
    document = "UKL_UPL" if large else "SPPL"
    return {"document": document, "receipt": f"AMDALNET-{_number(body, 'seats'):.0f}-{document}"}, 200


def lab_result(body: Mapping[str, Any]) -> Answer:
    number = _text(body, "number")
    if number.startswith("FORGED"):
        return {"error": "FORGED"}, 410
    if not number.startswith("LAB"):
        return {"error": "NOT_FOUND"}, 404
    return {
        "number": number,
        "signature_ok": True,
        "ecoli_water": 0.0,
        "ecoli_food": 0.0,
        "chem_positive": [],
        **registers.LAB_FINDINGS.get(number, {}),
    }, 200


def register_hygiene_certificate(body: Mapping[str, Any]) -> Answer:
    number = _text(body, "case_number")
    return {"slhs_no": f"SLHS/{number[-6:]}", "valid_years": 3}, 201


def register_premises(body: Mapping[str, Any]) -> Answer:
    number = _text(body, "case_number")
    next_visit = date(2026, 1, 1) + timedelta(days=365)
    return {"register_no": f"DMK/{number[-6:]}", "next_visit": next_visit.isoformat()}, 201
