"""A domain made from the template is in the product at once, keeps every rule, and goes without a trace."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.workbench import LINTERS, NOT_COPIED, ROOT, Said, copy_project, run

NAME = "trial"  # a name that no city has: the test must hold beside any domain
FOLDER = f"src/dothi/domains/{NAME}"
FRONT_END = ("package.json", "tsconfig.json", "vite.config.ts", "biome.json")
NODE = ROOT / "node_modules" / ".bin"
REFUSED = {
    "Waste": "is no name for a domain",
    "road_works": "is no name for a domain",
    "2waste": "is no name for a domain",
    "w": "is no name for a domain",
    "": "is no name for a domain",
    "class": "already means something else",
    "map": "already means something else",
    "utils": "already means something else",
    "audit": "src/dothi/core/audit is there already",
    "lighting": "src/dothi/domains/lighting is there already",
}


def git(root: Path, *words: str) -> str:
    """Run git in the copy, as nobody in particular."""
    identity = ["-c", "user.name=Dothi", "-c", "user.email=dothi@localhost"]
    done = subprocess.run(["git", *identity, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def make(root: Path, *words: str) -> Said:
    """Run the maker."""
    return run([sys.executable, "-m", "tools.new_domain", *words], root=root)


def findings(root: Path) -> set[str]:
    """What the house rules say of a tree."""
    return set(run([sys.executable, "-m", "tools.check"], root=root).text.splitlines())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project under git, with the front end and what it is built with."""
    root = copy_project(tmp_path_factory.mktemp("project"))
    shutil.copytree(ROOT / "frontend", root / "frontend", ignore=shutil.ignore_patterns("generated"))
    for name in (*FRONT_END, ".gitignore"):
        shutil.copyfile(ROOT / name, root / name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "As it was")
    return root


@pytest.fixture(scope="module")
def before(project: Path) -> set[str]:
    """What the house rules said before there was a new domain."""
    return findings(project)


@pytest.fixture(scope="module")
def waste(project: Path, before: set[str]) -> Path:
    """The new domain's folder in the copy."""
    made = make(project, NAME, "--vi", "Rác thải", "--kind", "TrialBin")
    assert made.code == 0, made.text
    source = project / FOLDER / "locale/vi/LC_MESSAGES/django.po"
    subprocess.run(["msgfmt", "--check", "-o", source.with_suffix(".mo"), source], check=True, capture_output=True)
    return project / FOLDER


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_name_is_refused_in_one_line(project: Path, name: str) -> None:
    said = make(project, name)
    assert said.code == 2
    assert REFUSED[name] in said.text
    assert said.text.count("\n") == 1


def test_a_bad_kind_is_refused(project: Path) -> None:
    assert make(project, NAME, "--kind", "waste bin").code == 2
    assert make(project, NAME, "--en", 'W"aste').code == 2


def test_it_keeps_the_house_rules(project: Path, waste: Path, before: set[str]) -> None:
    assert waste.exists()
    assert findings(project) - before == set()


def test_it_keeps_the_linters_rules(project: Path, waste: Path) -> None:
    for words in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        said = run([LINTERS / "ruff", *words, waste], root=project)
        assert said.code == 0, said.text
    said = run([LINTERS / "lint-imports", "--no-logo", "--no-cache"], root=project)
    assert "0 broken" in said.text, said.text


def test_its_own_tests_pass(project: Path, waste: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(waste)]
    said = run(command, root=project, HYPOTHESIS_STORAGE_DIRECTORY=str(project.parent / "hypothesis"))
    assert said.code == 0, said.text
    assert " passed" in said.text


def test_the_front_end_builds_with_its_island(project: Path, waste: Path) -> None:
    checks: list[list[str | Path]] = [[NODE / "tsc", "--noEmit"], [NODE / "biome", "check", waste]]
    for command in checks:
        said = run(command, root=project)
        assert said.code == 0, said.text
    said = run([NODE / "vite", "build"], root=project)
    assert said.code == 0, said.text
    manifest = (project / "src/dothi/web/static/build/manifest.json").read_text("utf-8")
    assert f"{FOLDER}/frontend/things.ts" in manifest


@pytest.mark.nightly
def test_it_keeps_the_slow_linters_rules(project: Path, waste: Path) -> None:
    said = run([sys.executable, "-m", "mypy", "--cache-dir", str(project.parent / "mypy"), str(waste)], root=project)
    assert said.code == 0, said.text
    options = ["--quiet", "--error", "--metrics=off", "--disable-version-check", "--config", "tools/check/semgrep"]
    said = run([LINTERS / "semgrep", "scan", *options, str(waste)], root=project)
    assert said.code == 0, said.text


def test_without_its_folder_no_trace_is_left(project: Path, waste: Path) -> None:
    assert git(project, "status", "--porcelain").split() == ["??", f"{FOLDER}/"]
    aside = project.parent / "aside"
    waste.rename(aside)
    assert git(project, "status", "--porcelain") == ""
    aside.rename(waste)


def test_the_template_has_the_shape_of_lighting() -> None:
    lighting = ROOT / "src/dothi/domains/lighting"
    template = ROOT / "tools/new_domain/template"
    # A part is a module at first, and a package of the same name once it has grown.
    parts = {path.stem for path in lighting.iterdir() if not NOT_COPIED(str(lighting), [path.name])}
    made = {path.name.split(".")[0] for path in template.iterdir()}
    assert made <= parts
    assert parts - made <= {"models", "store", "migrations", "feeds", "jobs", "indicators"}
