"""What the house tells of itself while it runs, to whoever measures it; nobody by default."""

from engine.states import JobKind


class Watch:
    """Called from any thread, once the thing has happened. Must not raise, and gets no personal data."""

    def step(self, seconds: float) -> None:
        """A transaction that moved a case was saved; ``seconds`` from its begin, waiting for locks included."""

    def job(self, kind: JobKind, seconds: float) -> None:
        """A run of a job has ended, well or not; a connector's call is part of it."""

    def lapsed(self, kind: JobKind, count: int) -> None:
        """Jobs whose lease was over before their run had ended were found."""
