"""Biome and tsc, run over scripts that break the front end's rules, report them."""

import shutil
from pathlib import Path

import pytest

from tests.architecture.workbench import ROOT, Said, run, write

NODE = ROOT / "node_modules" / ".bin"
HEAD = "// What it is for.\n\n"
LINES = "  x += 1;\n" * 42
BRANCHES = "".join(f"  if (x === {number}) {{\n    y += 1;\n  }}\n" for number in range(11))
# file, code, rule
CASES = {
    "a function of more than 40 lines": (
        "frontend/src/long.ts",
        f"export function f(start: number): number {{\n  let x = start;\n{LINES}  return x;\n}}\n",
        "noExcessiveLinesPerFunction",
    ),
    "complexity 11": (
        "frontend/src/tangle.ts",
        f"export function f(x: number): number {{\n  let y = 0;\n{BRANCHES}  return y;\n}}\n",
        "noExcessiveCognitiveComplexity",
    ),
    "the map library outside the map": (
        "src/dothi/domains/light/frontend/a.ts",
        'import { Map as MapView } from "maplibre-gl";\n\nexport const view = MapView;\n',
        "noRestrictedImports",
    ),
    "the chart library outside the charts": (
        "src/dothi/domains/light/frontend/b.ts",
        'import { init } from "echarts/core";\n\nexport const draw = init;\n',
        "noRestrictedImports",
    ),
    "the map library in the charts": (
        "frontend/src/charts/map.ts",
        'import { Map as MapView } from "maplibre-gl";\n\nexport const view = MapView;\n',
        "noRestrictedImports",
    ),
    "the chart library in the map": (
        "frontend/src/map/chart.ts",
        'import { init } from "echarts";\n\nexport const draw = init;\n',
        "noRestrictedImports",
    ),
    "a message to the console": ("frontend/src/noise.ts", "console.log(1);\n", "noConsole"),
}
UNTRANSLATED = """import type { Messages } from "@dothi/language/language";

export const words: Messages<{ gone: string; back: string }> = {
  vi: { gone: "Đã hết", back: "Đã có lại" },
  en: { gone: "Gone" },
};
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A front end with all breaches in it, under the project's own settings."""
    root = tmp_path_factory.mktemp("front-end")
    for name in ("biome.json", "tsconfig.json", "package.json", ".gitignore"):
        shutil.copyfile(ROOT / name, root / name)
    shutil.copytree(ROOT / "frontend/src/language", root / "frontend/src/language")
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    (root / ".git").mkdir()
    write(root, {name: HEAD + text for name, text, _ in CASES.values()})
    write(root, {"frontend/src/words.ts": HEAD + UNTRANSLATED})
    return root


@pytest.fixture(scope="module")
def biome(tree: Path) -> Said:
    """What Biome says of it."""
    return run([NODE / "biome", "lint", "--colors=off", "--max-diagnostics=none", "."], root=tree)


@pytest.mark.parametrize("case", CASES)
def test_a_breach_is_reported(biome: Said, case: str) -> None:
    name, _, rule = CASES[case]
    assert biome.code == 1
    assert any(line.startswith(name) and rule in line for line in biome.text.splitlines()), biome.text


def test_a_message_in_one_language_alone_does_not_compile(tree: Path) -> None:
    said = run([NODE / "tsc", "--noEmit"], root=tree)
    assert said.code != 0
    assert "frontend/src/words.ts" in said.text
    assert "'back' is missing" in said.text
