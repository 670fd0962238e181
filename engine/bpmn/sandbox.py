"""Runs what designers wrote: simple expressions in-process with our own bounded functions, the rest in worker processes.

A worker is a separate process with its own small interpreter: no files, no network, no clock but the one we give it. One
that dies or overruns its limits is replaced; the server is never at risk.
"""

import ast
import atexit
import os
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from types import CodeType
from typing import Any

from pydantic_monty import (
    CollectString,
    Monty,
    MontyConversionError,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    OSPolicy,
    ResourceLimits,
)

from engine.bpmn.language import python_ops
from engine.bpmn.language.scope import MARK, Scope
from engine.bpmn.language.values import BUDGET, Failed, OverLimit, allow, checked
from engine.bpmn.language.write import LIBRARY
from engine.bpmn.step import World

CPU_S = 0.25
MEMORY_BYTES = 32 << 20
OUTPUT_BYTES = 64 << 10

_WORKERS = min(max(2, os.cpu_count() or 2), 4)

_LIMITS = ResourceLimits(
    max_feed_duration_secs=CPU_S,
    max_memory=MEMORY_BYTES,
    max_recursion_depth=100,
    max_total_sleep_secs=0.0,
    max_suspensions=100,
)

_MEMBER = f"""\
def {MARK}member(value, name):
    if isinstance(value, dict):
        return value[name]
    return getattr(value, name)
"""


class SandboxError(Exception):
    """An expression or script gave no value.

    Attributes:
        code: ``expression_failed``, ``script_failed`` or ``sandbox_limit``.
        message: why, in words for a process designer.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


# --- in-process ---------------------------------------------------------------------------------------------------

_WRITTEN = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq),
    *(ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn, ast.Name, ast.Load),
    *(ast.Constant, ast.Subscript, ast.List, ast.Tuple, ast.Dict, ast.IfExp),
)

_GLOBALS: dict[str, Any] = {"__builtins__": {}, **LIBRARY}


@lru_cache(maxsize=4096)
def compiled(code: str) -> CodeType | None:
    """The code made ready to run in-process, or None when a worker has to run it."""
    tree = ast.parse(code, mode="eval")
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in LIBRARY:
                waiting.extend(node.args)
            case ast.Lambda(args=ast.arguments(args=[ast.arg(arg="_s")], defaults=[])):
                waiting.append(node.body)
            case ast.Name(id=name) if name.startswith("__"):
                return None
            case _ if isinstance(node, _WRITTEN):
                waiting.extend(ast.iter_child_nodes(node))
            case _:
                return None
    return compile(tree, "<expression>", "eval")


def run_in_process(code: CodeType, scope: Scope) -> Any:
    """Raises SandboxError (``expression_failed``, ``sandbox_limit``)."""
    allow(BUDGET)
    try:
        # Only names, literals, comparisons and calls of LIBRARY are in it (``compiled``), and no built-ins are in reach.
        return checked(eval(code, _GLOBALS, scope))  # type: ignore[arg-type]  # noqa: S307 - a mapping it only reads
    except (
        Failed,
        OverLimit,
        ArithmeticError,
        AttributeError,
        LookupError,
        NameError,
        TypeError,
        ValueError,
    ) as error:
        raise _told(error, "expression_failed") from None
    except RecursionError:
        raise SandboxError("sandbox_limit", "the data is nested too deeply") from None


def _told(error: Exception, code: str) -> SandboxError:
    match error:
        case OverLimit():
            return SandboxError("sandbox_limit", f"it asks for {error}")
        case Failed():
            return SandboxError(code, str(error))
        case ZeroDivisionError():
            return SandboxError(code, "division by zero")
        case NameError():
            return SandboxError(code, f"variable '{_quoted(str(error))}' is not set")
        case KeyError():
            return SandboxError(code, f"there is no entry {error}")
        case IndexError():
            return SandboxError(code, "the list has no item at that place")
        case _:
            return SandboxError(code, _words(str(error)) or type(error).__name__)


def _quoted(message: str) -> str:
    found = re.search(r"'([^']*)'", message)
    return found.group(1) if found else message


_TYPE_NAMES = {
    "NoneType": "nothing (null)",
    "str": "text",
    "int": "number",
    "float": "number",
    "dict": "group",
    "bool": "true/false",
    "decimal.Decimal": "number",
    "datetime.datetime": "date and time",
    "datetime.date": "date",
}


def _words(message: str) -> str:
    """An interpreter's message with types in a designer's words."""
    told = re.sub(r"'([\w.]+)'", lambda m: f"'{_TYPE_NAMES.get(m.group(1), m.group(1))}'", message[:300])
    return told.replace("instances of ", "")


# --- workers ------------------------------------------------------------------------------------------------------


class _Workers:
    """The pool of workers: started at the first use, one pool a process; it does not live through a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._owner = 0

    def pool(self) -> Monty:
        with self._lock:
            if self._pool is not None and self._owner != os.getpid():
                raise RuntimeError(
                    "this process was forked after its sandbox had started; fork before the first script"
                )
            if self._pool is None:
                pool = Monty(
                    min_processes=1,
                    max_processes=_WORKERS,
                    checkout_timeout=10.0,
                    request_timeout=3.0,
                    max_checkouts_per_worker=1_000,
                )
                self._pool = pool.__enter__()
                self._owner = os.getpid()
            return self._pool

    def close(self) -> None:
        with self._lock:
            if self._pool is not None and self._owner == os.getpid():
                pool, self._pool = self._pool, None
                pool.__exit__(None, None, None)


_workers = _Workers()
atexit.register(_workers.close)


def close_sandbox() -> None:
    """Ends the worker processes. The next script starts new ones."""
    _workers.close()


def run_in_worker(code: str, variables: Mapping[str, Any], world: World | None) -> Any:
    """The value of an expression. Raises SandboxError (``expression_failed``, ``sandbox_limit``)."""
    return _run([_prelude(code) + code], variables, world, "expression_failed")


def run_script(
    code: str, variables: Mapping[str, Any], assigns: frozenset[str], world: World | None
) -> dict[str, Any]:
    """What the script set of ``assigns``. Raises SandboxError (``script_failed``, ``sandbox_limit``)."""
    wanted = sorted(assigns)
    collect = f"{MARK}l = locals()\n{{k: {MARK}l[k] for k in {wanted!r} if k in {MARK}l}}"
    found = _run([_prelude(code) + code, collect], variables, world, "script_failed")
    return dict(found)


def _prelude(code: str) -> str:
    return _MEMBER if f"{MARK}member(" in code else ""


def _run(snippets: list[str], variables: Mapping[str, Any], world: World | None, code: str) -> Any:
    scope = Scope(variables, world)
    functions: dict[str, Callable[..., Any]] = {
        "now": lambda: _fixed_now(scope),
        "today": scope.today,
        "working_days": python_ops.working_days,
        "working_hours": python_ops.working_hours,
    }
    policy = OSPolicy(
        datetime=_fixed_now(scope) if world is not None else "call_host", random_start={"seed": 1}
    )
    try:
        for _ in range(_WORKERS):
            try:
                return checked(_fed(snippets, variables, functions, policy))
            except MontyCrashedError as crash:
                if crash.timed_out:
                    raise
                # It may have died while it was idle; if it is this code that kills workers, it does so again.
        return checked(_fed(snippets, variables, functions, policy))
    except (Failed, OverLimit) as error:
        raise _told(error, code) from None
    except MontyRuntimeError as error:
        raise _explained(error, code) from None
    except MontyCrashedError:
        raise SandboxError("sandbox_limit", "it used more time or memory than a step may") from None
    except MontyConversionError as error:
        raise SandboxError(code, f"a variable cannot be used here: {_words(str(error))}") from None
    except MontyError as error:
        raise SandboxError(code, _words(str(error))) from None
    except TimeoutError:
        raise SandboxError("sandbox_limit", "no worker became free in time; try again") from None


def _fed(
    snippets: list[str],
    variables: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    policy: OSPolicy,
) -> Any:
    """The value of the last snippet; the variables are there for the first and what it leaves."""
    result: Any = None
    with _workers.pool().checkout(limits=_LIMITS, os_policy=policy) as session:
        for place, snippet in enumerate(snippets):
            result = session.feed_run(
                snippet,
                inputs=dict(variables) if place == 0 else None,
                external_lookup=dict(functions),
                print_callback=CollectString(OUTPUT_BYTES),
            )
    return result


def _fixed_now(scope: Scope) -> datetime:
    """Now with a fixed offset in place of a named zone, which a worker does not know."""
    now = scope.now()
    return now.replace(tzinfo=timezone(now.utcoffset() or timedelta(0)))


def _explained(error: MontyRuntimeError, code: str) -> SandboxError:
    inner = error.exception()
    frames = error.traceback()
    where = ""
    if code == "script_failed" and frames and frames[-1].source_line:
        line = re.sub(rf"{MARK}member\((\w+), '(\w+)'\)", r"\1.\2", frames[-1].source_line.strip())
        where = f" (in: {line[:100]})"
    match inner:
        case TimeoutError():
            return SandboxError("sandbox_limit", f"it runs longer than {CPU_S} seconds, or sleeps")
        case MemoryError():
            return SandboxError(
                "sandbox_limit", f"it needs more than {MEMORY_BYTES >> 20} MB, or prints too much"
            )
        case RecursionError():
            return SandboxError("sandbox_limit", "its functions call themselves too deeply")
        case Exception():
            told = _told(inner, code)
            return SandboxError(told.code, told.message + where)
        case _:
            return SandboxError(code, str(error)[:300] + where)
