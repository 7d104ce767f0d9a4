"""Our own patterns for semgrep, run once over code that breaks each, report it and nothing that is allowed."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.architecture.workbench import LINTERS, ROOT, run, write

RULES = ROOT / "tools" / "check" / "semgrep"
# rule → file, code that breaks it, code beside it that does not
CASES = {
    "sql-built-from-text": (
        "src/dothi/core/places/store.py",
        'def f(cursor, name):\n    cursor.execute(f"SELECT {name}")\n',
        'def g(cursor, name):\n    cursor.execute(f"{_HEAD} WHERE name = %s", [name])\n',
    ),
    "tables-asked-outside-a-store": (
        "src/dothi/core/places/views.py",
        "def f():\n    return Area.objects.all()\n",
        "def g():\n    return service.list_areas()\n",
    ),
    "query-in-a-loop-over-rows": (
        "src/dothi/core/places/store2.py",
        "def f(rows):\n    for row in rows:\n        area = Area.objects.get(id=row)\n        print(area)\n",
        "def g(rows):\n    for row in Area.objects.in_bulk(rows):\n        print(row)\n",
    ),
    "error-swallowed": (
        "src/dothi/core/places/feeds.py",
        "def f():\n    try:\n        g()\n    except Exception:\n        pass\n",
        "def h():\n    try:\n        g()\n    except Exception as error:\n        log.error(error)\n",
    ),
    "status-code-in-a-service": (
        "src/dothi/core/places/service.py",
        "from django.http import Http404\n\n\ndef f():\n    raise Http404()\n",
        "def g():\n    raise NotFound()\n",
    ),
    "markup-declared-safe": (
        "src/dothi/web/tags.py",
        "from django.utils.safestring import mark_safe\n\n\ndef f(x):\n    return mark_safe(x)\n",
        "def g(x):\n    return format_html('{}', x)\n",
    ),
    "markup-declared-safe-in-a-template": (
        "src/dothi/web/templates/web/a.html",
        "<p>{{ text|safe }}</p>\n",
        "<p>{{ text }}</p>\n",
    ),
    "markup-set-from-text": (
        "frontend/src/a.ts",
        "export function f(el: HTMLElement, x: string) {\n  el.innerHTML = x;\n}\n",
        "export function g(el: HTMLElement, x: string) {\n  el.textContent = x;\n}\n",
    ),
    "request-without-a-bound": (
        "simulators/light/web.py",
        "import urllib.request\n\n\ndef f(x):\n    return urllib.request.urlopen(x)\n",
        "def g(x):\n    return urllib.request.urlopen(x, timeout=5)\n",
    ),
    "form-exempt-from-csrf": (
        "src/dothi/web/views2.py",
        "from django.views.decorators.csrf import csrf_exempt\n\n\n@csrf_exempt\ndef f(request):\n    return None\n",
        "def g(request):\n    return None\n",
    ),
    "browsers-own-clock": (
        "frontend/src/b.ts",
        "export const f = () => Date.now();\n",
        "export const g = (at: number) => new Date(at);\n",
    ),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str, int]]:
    """What semgrep reports, as (rule, file, line)."""
    root = tmp_path_factory.mktemp("semgrep")
    shutil.copytree(RULES, root / "tools" / "check" / "semgrep")
    write(root, {name: f"{bad}\n\n{good}" for name, bad, good in CASES.values()})
    options = ["--json", "--quiet", "--metrics=off", "--disable-version-check", "--config", "tools/check/semgrep"]
    done = run([LINTERS / "semgrep", "scan", *options, "."], root=root)
    found = json.loads(done.text[done.text.index("{") :])
    assert found["errors"] == []
    return {(each["check_id"].rpartition(".")[2], each["path"], each["start"]["line"]) for each in found["results"]}


@pytest.mark.parametrize("rule", CASES)
def test_a_breach_is_reported_once_and_what_is_allowed_is_not(said: set[tuple[str, str, int]], rule: str) -> None:
    name, bad, _ = CASES[rule]
    places = [(found, line) for found, path, line in said if path == name]
    assert {found for found, _ in places} == {rule}
    assert all(line <= bad.count("\n") for _, line in places)


def test_every_pattern_is_tried() -> None:
    ids = {name for path in RULES.glob("*.yaml") for name in re.findall(r"- id: (\S+)", Path(path).read_text("utf-8"))}
    assert ids == set(CASES)
