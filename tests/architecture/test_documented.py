"""Whatever the code offers stands in the reference: an unexplained setting, command, permission or key is caught."""

import sys
from pathlib import Path

import pytest

from tests.architecture.workbench import Said, copy_project, house_rule, run

CODE = "src/dothi/"
# the file, what stands in it, what is put in its place, what must be said
BREACHES = {
    "a setting without an explanation": (
        f"{CODE}config/environment.py",
        "    port: Annotated[\n",
        "    colour: str = 'grey'\n    port: Annotated[\n",
        "the setting DOTHI_COLOUR has no explanation",
    ),
    "a setting that the page lacks": (
        f"{CODE}config/environment.py",
        "    port: Annotated[\n",
        "    colour: Annotated[str, Doc(vi='Màu', en='Colour')] = 'grey'\n    port: Annotated[\n",
        "docs/reference/settings.md is not what the code says",
    ),
    "a command without help": (
        f"{CODE}config/commands.py",
        '@keys.command("list")\n',
        '@keys.command("lend")\ndef lend() -> None:\n    pass\n\n\n@keys.command("list")\n',
        "the command `dothi keys lend` has no help text",
    ),
    "an option without help": (
        f"{CODE}config/commands.py",
        "@click.command()\ndef ingest() ",
        '@click.command()\n@click.option("--twice", is_flag=True)\ndef ingest(twice: bool) ',
        "the option --twice of `dothi ingest` has no help text",
    ),
    "a permission of core that the page lacks": (
        f"{CODE}core/audit/manifest.toml",
        'id = "audit.entry.view"',
        'id = "audit.entry.read"',
        "docs/reference/permissions.md is not what the code says",
    ),
    "a permission that the domain's page lacks": (
        f"{CODE}domains/lighting/README.md",
        "`lighting.lamp.view`",
        "lamps",
        "the permission lighting.lamp.view is not explained here",
    ),
    "a manifest key without an explanation": (
        f"{CODE}kernel/manifest.py",
        "    order: int = 100\n",
        "    colour: str = 'grey'\n    order: int = 100\n",
        "the manifest key `colour` has no line that explains it",
    ),
    "a manifest key that the page lacks": (
        f"{CODE}kernel/manifest.py",
        "    order: int = 100\n",
        '    colour: str = "grey"\n    """Its colour."""\n    order: int = 100\n',
        "docs/reference/manifest.md is not what the code says",
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose pages are as the code wants them."""
    root = copy_project(tmp_path_factory.mktemp("documented"))
    made = run([sys.executable, "-m", "tools.reference"], root=root)
    assert made == Said(0, ""), made.text
    return root


def test_a_documented_project_passes(project: Path) -> None:
    assert house_rule("documented", root=project) == Said(0, "")


@pytest.mark.parametrize("breach", BREACHES)
def test_what_is_not_documented_is_caught(project: Path, breach: str) -> None:
    name, there, instead, words = BREACHES[breach]
    path = project / name
    text = path.read_text("utf-8")
    assert there in text
    path.write_text(text.replace(there, instead, 1), "utf-8")
    try:
        said = house_rule("documented", root=project)
    finally:
        path.write_text(text, "utf-8")
    assert said.code == 1
    assert words in said.text
