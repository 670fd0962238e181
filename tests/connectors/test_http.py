"""The HTTP connector against real HTTP: what is finished, what is tried again, what is refused."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from connectors.http.connector import HttpConnector, error_codes, fill_path, retry_after_s
from engine.connector import Call, Refused, Reply, System, TryAgain
from web.simulators import SimulatorServer

WULAN = {"nik": "9901025405880001", "full_name": "Wulan Sasmita Rorong", "birth_date": "1988-05-14"}


@pytest.fixture(scope="module")
def partners() -> Iterator[SimulatorServer]:
    with SimulatorServer() as server:
        yield server


@pytest.fixture(autouse=True)
def well(partners: SimulatorServer) -> None:
    partners.knobs.reset()


@pytest.fixture
def http() -> Iterator[HttpConnector]:
    connector = HttpConnector()
    yield connector
    connector.close()


def call(
    system: System, path: str, *, key: str = "job-1", inputs: dict | None = None, **settings: str
) -> Call:
    return Call(
        idempotency_key=key,
        attempt=1,
        system=system,
        settings={"path": path, **settings},
        inputs=WULAN if inputs is None else inputs,
        case_id="case-1",
        element_id="t_population",
    )


def test_a_known_person_is_confirmed_by_the_population_register(http, partners) -> None:
    reply = http.run(call(partners.systems()["population"], "/nik/verify"))
    assert reply.error is None
    assert reply.data["all_match"] is True


def test_a_status_that_the_model_names_becomes_a_bpmn_error(http, partners) -> None:
    unknown = {**WULAN, "nik": "9901019999990000"}
    asked = call(partners.systems()["population"], "/nik/verify", inputs=unknown, errors="404:NIK_NOT_FOUND")
    assert http.run(asked) == Reply(data={"error": "NIK_NOT_FOUND"}, error="NIK_NOT_FOUND")


def test_a_status_that_the_model_does_not_name_is_refused(http, partners) -> None:
    unknown = {**WULAN, "nik": "9901019999990000"}
    with pytest.raises(Refused, match="population refused the call with status 404"):
        http.run(call(partners.systems()["population"], "/nik/verify", inputs=unknown))


def test_an_outage_is_tried_again_when_the_partner_says(http, partners) -> None:
    partners.knobs.turn("population", outage=True)
    with pytest.raises(TryAgain) as refused:
        http.run(call(partners.systems()["population"], "/nik/verify"))
    assert refused.value.after_s == 1.0
    assert not refused.value.outcome_unknown


def test_an_html_page_is_refused_and_named(http, partners) -> None:
    partners.knobs.turn("tax", html=True)
    with pytest.raises(Refused, match="text/html, not with JSON"):
        http.run(call(partners.systems()["tax"], "/npwp/status", inputs={"npwp": "1", "nik": "2"}))


def test_a_slow_partner_leaves_the_outcome_unknown(http, partners) -> None:
    partners.knobs.turn("fire", latency_ms=600)
    slow = partners.systems(timeout_s=0.2)["fire"]
    with pytest.raises(TryAgain, match=r"did not answer within 0\.2 s") as failed:
        http.run(call(slow, "/register", inputs={"case_number": "X-000001"}))
    assert failed.value.outcome_unknown


def test_the_same_job_twice_has_one_effect(http, partners) -> None:
    system = partners.systems()["fire"]
    first = http.run(call(system, "/register", key="job-7", inputs={"case_number": "X-000007"}))
    second = http.run(call(system, "/register", key="job-7", inputs={"case_number": "X-000007"}))
    assert first == second
    (effect,) = partners.knobs.effects("fire")
    assert effect.calls == 2


def test_inputs_fill_the_path_as_one_escaped_segment(http, partners) -> None:
    system = partners.systems()["health"]
    reply = http.run(call(system, "/lab/{number}", method="GET", inputs={"number": "LAB 2026-1"}))
    assert reply.data["number"] == "LAB 2026-1"
    path, used = fill_path("/title/{no}", {"no": "../admin?x=1"})
    assert (path, used) == ("/title/..%2Fadmin%3Fx%3D1", {"no"})


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_path_without_its_value_is_refused(value) -> None:
    with pytest.raises(Refused, match="needs a value for"):
        fill_path("/title/{no}", {"no": value})


def test_nobody_listening_is_tried_again(http) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TryAgain, match="cannot be reached"):
        http.run(call(System("gone", f"http://127.0.0.1:{port}", timeout_s=1), "/x"))


def raw_server(answer: bytes, *, drip_s: float = 0.0) -> tuple[int, threading.Thread]:
    """Answers one connection with exactly these bytes, a byte at a time when dripping."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def serve() -> None:
        with listener, listener.accept()[0] as peer:
            peer.recv(65536)
            try:
                if not drip_s:
                    peer.sendall(answer)
                for byte in answer if drip_s else b"":
                    peer.sendall(bytes([byte]))
                    time.sleep(drip_s)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listener.getsockname()[1], thread


def test_a_partner_that_drips_is_cut_off_at_the_limit(http) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n"
    port, thread = raw_server(head + b" " * 200, drip_s=0.01)
    began = time.monotonic()
    with pytest.raises(TryAgain, match="did not answer within"):
        http.run(call(System("drip", f"http://127.0.0.1:{port}", timeout_s=1.2), "/x"))
    assert time.monotonic() - began < 3
    thread.join(timeout=5)


def test_a_broken_answer_leaves_the_outcome_unknown(http) -> None:
    port, _ = raw_server(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
    with pytest.raises(TryAgain, match="broke") as failed:
        http.run(call(System("cut", f"http://127.0.0.1:{port}", timeout_s=2), "/x"))
    assert failed.value.outcome_unknown


@pytest.mark.parametrize("body", [b"{", b"NaN", b"[" * 100_000, b"\xff\xfe"])
def test_json_that_cannot_be_read_is_refused(http, body) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    port, _ = raw_server(head + body)
    with pytest.raises(Refused, match="cannot be read"):
        http.run(call(System("odd", f"http://127.0.0.1:{port}", timeout_s=2), "/x"))


def test_a_redirect_is_refused_not_followed(http) -> None:
    port, _ = raw_server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(Refused, match="status 302"):
        http.run(call(System("moved", f"http://127.0.0.1:{port}", timeout_s=2), "/x"))


def test_settings_are_checked_at_deployment(http) -> None:
    assert http.problems({"system": "tax", "path": "/bill", "errors": "409:DOUBLE_PAID"}) == []
    found = " ".join(http.problems({"path": "//evil", "method": "BREW", "errors": "200:OK", "pth": "/x"}))
    for word in ("'pth'", "system", "BREW", "'//evil'", "'200:OK'"):
        assert word in found


def test_error_rules_and_retry_after_are_read_strictly() -> None:
    assert error_codes({"errors": "409:409"}) == {409: "409"}  # many models number their errors as HTTP does
    assert error_codes({"errors": "404:NIK_NOT_FOUND, 410:DECEASED"}) == {
        404: "NIK_NOT_FOUND",
        410: "DECEASED",
    }
    assert retry_after_s("120") == 120.0
    assert retry_after_s("soon") is None
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after_s("9" * 12) == 86_400.0
