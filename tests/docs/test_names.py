"""What a page names is there: every `make` target, command, option, setting, permission and metric."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from dothi.config import cli, environment
from dothi.kernel.manifest import load_manifests
from tests.docs.pages import ROOT, code_of, name, pages

SETTING = re.compile(r"\bDOTHI_[A-Z_]+\b")
METRIC = re.compile(r"\bdothi_[a-z_]+\b")
TARGET = re.compile(r"^(?:\w+=\S+ )*make((?: [\w=.-]+)+)")
COMMAND = re.compile(r"^(?:sudo )?(?:\w+=\S+ )*(?:\S*bin/)?dothi ((?:[a-z]|--).*)")
DEED = re.compile(r"^[a-z]\w*\.[a-z]\w*\.[a-z]\w*$")


@cache
def targets() -> frozenset[str]:
    """Give the targets of the Makefile."""
    return frozenset(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@cache
def settings() -> frozenset[str]:
    """Give the settings, and the variables that the simulators, who are outsiders, read."""
    outside = (path.read_text("utf-8") for path in (ROOT / "simulators").rglob("*.py"))
    return frozenset(environment.documentation()) | {found for text in outside for found in SETTING.findall(text)}


@cache
def declared() -> frozenset[str]:
    """Give every dotted id of the manifests: permissions and alarms."""
    permissions = {each.id for manifest in load_manifests() for each in manifest.permissions}
    return frozenset(permissions | {each.id for manifest in load_manifests() for each in manifest.alarm_rules})


@cache
def metrics() -> frozenset[str]:
    """Give the names of the metrics as Prometheus reads them: a counter's ends in _total."""
    text = (ROOT / "src/dothi/protocols/monitoring/routes.py").read_text("utf-8")
    found = re.findall(r'(Gauge|Counter)MetricFamily\(\s*"(\w+)"', text)
    return frozenset(each + "_total" * (kind == "Counter") for kind, each in found)


def faults_of(code: str) -> Iterator[str]:
    """Say what a line of code names that is not there."""
    yield from (f"there is no setting {each}" for each in SETTING.findall(code) if each not in settings())
    if found := TARGET.match(code):
        named = [word for word in found[1].split() if "=" not in word]
        yield from (f"there is no target {word}" for word in named if word not in targets())
    if found := COMMAND.search(code):
        yield from _command_faults(words_of(found[1]))
    if DEED.match(code) and code.split(".")[0] in {each.id for each in load_manifests()} and code not in declared():
        yield f"there is no permission {code}"
    yield from (f"there is no metric {each}" for each in METRIC.findall(code) if each not in metrics())


def words_of(line: str) -> list[str]:
    """Split a command line; a remark at its end is none of it."""
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def _command_faults(words: list[str]) -> Iterator[str]:
    """Follow the words through the command line; what follows the last command must be its options and arguments."""
    command: click.Command = cli.main
    context = click.Context(command, info_name="dothi")
    for word in words:
        if word.startswith("--"):
            known = {flag for part in command.params for flag in part.opts} | {"--help"}
            if word.partition("=")[0] not in known:
                yield f"{context.command_path} has no option {word}"
        elif isinstance(command, click.Group):
            inside = command.get_command(context, word)
            if inside is None:
                yield f"there is no command {context.command_path} {word}"
                return
            command, context = inside, click.Context(inside, info_name=word, parent=context)


WRITTEN = [page for page in pages() if "docs/reference/" not in page.as_posix()]
"""The reference is made from the code, whose own examples may name what is not there."""


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_what_a_page_names_is_there(page: Path) -> None:
    lines = code_of(page.read_text("utf-8"))
    assert sorted({fault for line in lines for fault in faults_of(line)}) == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("make demo PORT=8100", ""),
        ("make test check", ""),
        ("make dmeo", "there is no target dmeo"),
        ("DOTHI_CITY=./mycity make dmeo", "there is no target dmeo"),
        (".venv/bin/dothi keys list --json", ""),
        ("DOTHI_PORT=8100 .venv/bin/dothi kyes", "there is no command dothi kyes"),
        ("systemctl restart dothi now", ""),
        ("dothi keys lost", "there is no command dothi keys lost"),
        ("dothi keys create --name 'a b' --alow x", "dothi keys create has no option --alow"),
        ("DOTHI_HOME=x", ""),
        ("DOTHI_HOUSE=x", "there is no setting DOTHI_HOUSE"),
        ("lighting.lamp.view", ""),
        ("lighting.lamp.vieuw", "there is no permission lighting.lamp.vieuw"),
        ("dothi_component_up", ""),
        ("dothi_component_upp", "there is no metric dothi_component_upp"),
    ],
)
def test_a_wrong_name_is_seen(code: str, fault: str) -> None:
    assert list(faults_of(code)) == ([fault] if fault else [])
