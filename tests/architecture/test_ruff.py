"""Ruff, run once over a tree that breaks each limit and each banned name, reports all of them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.architecture.workbench import LINTERS, ROOT, run, write

CODE = '"""What it is for."""\n\n'
BRANCHES = "".join(f"    if x == {number}:\n        return {number}\n" for number in range(10))
STATEMENTS = "    x += 1\n" * 36
# name of the file, its code, the rule that must speak, what it must say
CASES = {
    "complexity 11": ("src/dothi/web/a.py", f"def f(x: int) -> int:\n{BRANCHES}    return x\n", "C901", "11 > 10"),
    "too many statements": ("src/dothi/web/b.py", f"def f(x: int) -> None:\n{STATEMENTS}", "PLR0915", "36 > 35"),
    "an import inside a function": (
        "src/dothi/web/c.py",
        "def f() -> None:\n    import json\n",
        "PLC0415",
        "top-level",
    ),
    "a function without types": ("src/dothi/web/d.py", "def f(x):\n    return x\n", "ANN001", "x"),
    "the machine's clock": (
        "src/dothi/web/e.py",
        "from datetime import UTC, datetime\n\nx = datetime.now(UTC)\n",
        "TID251",
        "city's clock",
    ),
    "the machine's clock in seconds": (
        "src/dothi/web/f.py",
        "import time\n\nx = time.time()\n",
        "TID251",
        "city's clock",
    ),
    "Django's clock": (
        "src/dothi/web/g.py",
        "from django.utils import timezone\n\nx = timezone.now()\n",
        "TID251",
        "city's clock",
    ),
    "a time without a zone": (
        "src/dothi/web/h.py",
        "from datetime import datetime\n\nx = datetime(2026, 1, 1)\n",
        "DTZ001",
        "tzinfo",
    ),
    "a sleep": ("src/dothi/web/i.py", "import time\n\ntime.sleep(1)\n", "TID251", "Wait on a condition"),
    "a sleep in a test": ("tests/test_i.py", "import time\n\ntime.sleep(1)\n", "TID251", "Wait on a condition"),
    "another package's tables by name": (
        "src/dothi/web/j.py",
        'from django.apps import apps\n\nx = apps.get_model("accounts", "User")\n',
        "TID251",
        "ask its service",
    ),
    "a signal": (
        "src/dothi/web/k.py",
        "from django.db.models.signals import post_save\n\nx = post_save\n",
        "TID251",
        "event of the kernel",
    ),
    "a receiver": (
        "src/dothi/web/l.py",
        "from django.dispatch import receiver\n\nx = receiver\n",
        "TID251",
        "event of",
    ),
    "a shell": (
        "src/dothi/web/m.py",
        "import subprocess\n\nsubprocess.run('ls', shell=True, check=True)\n",
        "S602",
        "shell",
    ),
    "a format in gettext": (
        "src/dothi/web/n.py",
        "from django.utils.translation import gettext as _\n\n\ndef f(x: str) -> str:\n    return _(f'{x} lamps')\n",
        "INT001",
        "f-string",
    ),
    "a relative import upwards": (
        "src/dothi/web/o.py",
        "from ..core import audit\n\nx = audit\n",
        "TID252",
        "relative",
    ),
    "a print in the product": ("src/dothi/web/p.py", "print(1)\n", "T201", "print"),
}
ALLOWED = {
    "src/dothi/kernel/clock.py": "from datetime import UTC, datetime\n\nx = datetime.now(UTC)\n",
    "src/dothi/web/apps.py": "from django.dispatch import receiver\n\nx = receiver\n",
    "src/dothi/web/complex.py": f"def f(x: int) -> int:\n{BRANCHES.rpartition('    if')[0]}    return x\n",
    "src/dothi/web/measure.py": "import time\n\nx = time.monotonic()\n",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str]]]:
    """What ruff says of each file, as (rule, message)."""
    root = tmp_path_factory.mktemp("ruff")
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    write(root, {name: CODE + text for name, text in ALLOWED.items()})
    write(root, {name: CODE + text for name, text, _, _ in CASES.values()})
    done = run([LINTERS / "ruff", "check", "--no-cache", "--output-format=json", "."], root=root)
    found: dict[str, list[tuple[str, str]]] = {}
    for each in json.loads(done.text):
        found.setdefault(Path(each["filename"]).relative_to(root).as_posix(), []).append(
            (each["code"], each["message"])
        )
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_breach_is_reported(said: dict[str, list[tuple[str, str]]], case: str) -> None:
    name, _, rule, words = CASES[case]
    assert any(code == rule and words in message for code, message in said[name]), said[name]


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_just_allowed_is_not(said: dict[str, list[tuple[str, str]]], name: str) -> None:
    assert name not in said
