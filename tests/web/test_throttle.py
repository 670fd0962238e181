"""Guessing passwords is slowed down, for the guesser only."""

from web.throttle import Throttle


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_eleventh_try_after_ten_failures_waits_until_the_first_is_fifteen_minutes_old() -> None:
    seconds = Seconds()
    throttle = Throttle(seconds=seconds)
    for _ in range(10):
        assert throttle.wait_s("ana", "10.0.0.1") == 0
        throttle.failed("Ana", "10.0.0.1")
        seconds.now += 30
    assert throttle.wait_s("ANA", "10.0.0.1") == 600
    seconds.now += 600
    assert throttle.wait_s("ana", "10.0.0.1") == 0


def test_another_address_and_another_name_are_not_held_up() -> None:
    throttle = Throttle(limit=1)
    throttle.failed("ana", "10.0.0.1")
    assert throttle.wait_s("ana", "10.0.0.2") == 0
    assert throttle.wait_s("bo", "10.0.0.1") == 0


def test_a_right_password_forgives_earlier_failures() -> None:
    throttle = Throttle(limit=2)
    throttle.failed("ana", "10.0.0.1")
    throttle.succeeded("ana", "10.0.0.1")
    throttle.failed("ana", "10.0.0.1")
    assert throttle.wait_s("ana", "10.0.0.1") == 0


def test_the_memory_is_bounded() -> None:
    throttle = Throttle(limit=1, most_keys=2)
    for name in ("ana", "bo", "citra"):
        throttle.failed(name, "10.0.0.1")
    assert throttle.wait_s("ana", "10.0.0.1") == 0
    assert throttle.wait_s("citra", "10.0.0.1") > 0
