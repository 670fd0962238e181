"""lintas docs: the generated pages of docs/, made from what the code itself says."""

import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from engine.config import PREFIX, Settings
from web.api.door import PREFIX as PREFIX_OF_API
from web.app import create_app
from web.wiring import open_house

FOLDER = Path("docs/reference")
_MADE = "<!-- Made by `lintas docs`; do not edit. -->\n\n"


@click.command()
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, show_default=True
)
@click.pass_context
def docs(context: click.Context, folder: Path) -> None:
    """Write the reference pages: API, commands and settings."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(context.find_root().command).items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(str(folder / name))


def pages(root: click.Command) -> dict[str, str]:
    """The generated pages by file name."""
    made = {"api.md": api_page(), "commands.md": commands_page(root), "settings.md": settings_page()}
    return {name: _MADE + text for name, text in made.items()}


def api_page() -> str:
    """Every route of the API, as its own description says it."""
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Settings(data_dir=Path(folder)), migrate=False)
        try:
            description = create_app(house).test_client().get(f"{PREFIX_OF_API}/openapi.json").json or {}
        finally:
            house.close()
    rows = ["# API\n", description["info"]["description"], ""]
    rows += [f"The whole description, as OpenAPI 3.1, is at `{PREFIX_OF_API}/openapi.json`.\n"]
    rows += ["| Request | | Operation |", "|---|---|---|"]
    for path, methods in description["paths"].items():
        rows += [
            f"| `{method.upper()} {path}` | {operation['summary']} | `{operation['operationId']}` |"
            for method, operation in methods.items()
            if "operationId" in operation
        ]
    return "\n".join(rows) + "\n"


def commands_page(root: click.Command) -> str:
    """Every command with its help, as `lintas COMMAND --help` prints it."""
    parts = ["# Commands\n"]
    for command, context in _walk(root, None, "lintas"):
        parts.append(f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def settings_page() -> str:
    """Every setting with its default and what its docstring says."""
    said = _said(Settings.__doc__ or "")
    rows = ["# Settings\n", "Variables of the environment, read once at the start.\n"]
    rows += ["| Variable | Default | Meaning |", "|---|---|---|"]
    for field in fields(Settings):
        default = "" if field.default in (None, "") else f"`{field.default}`"
        words = said.get(field.name, "").replace("``", "`")
        rows.append(f"| `{PREFIX}{field.name.upper()}` | {default} | {words[:1].upper()}{words[1:]} |")
    return "\n".join(rows) + "\n"


def _walk(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[tuple[click.Command, click.Context]]:
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=100, help_option_names=["-h", "--help"]
    )
    yield command, context
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None and not found.hidden:
                yield from _walk(found, context, inner)


def _said(docstring: str) -> dict[str, str]:
    """Field name → its words in the Attributes section; a line may name several fields."""
    _, _, section = docstring.partition("Attributes:")
    said: dict[str, str] = {}
    for line in section.strip().splitlines():
        names, colon, words = line.strip().partition(": ")
        if colon:
            said |= {name.strip(): words for name in names.split(",")}
    return said
