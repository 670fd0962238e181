"""lintas docs: the generated pages of docs/, made from what the code itself says."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from engine.config import PREFIX, Settings

FOLDER = Path("docs/reference")
_MADE = "<!-- Made by `lintas docs`; do not edit. -->\n\n"


@click.command()
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, show_default=True
)
@click.pass_context
def docs(context: click.Context, folder: Path) -> None:
    """Write the reference pages: commands and settings."""
    folder.mkdir(parents=True, exist_ok=True)
    root = context.find_root().command
    for name, text in (("commands.md", commands_page(root)), ("settings.md", settings_page())):
        (folder / name).write_text(_MADE + text, encoding="utf-8")
        click.echo(str(folder / name))


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
        rows.append(f"| `{PREFIX}{field.name.upper()}` | {default} | {said.get(field.name, '')} |")
    return "\n".join(rows) + "\n"


def _walk(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[tuple[click.Command, click.Context]]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=100)
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
