"""Imports go one way: import-linter, run once over the project with every kind of breach in it, names each one."""

import pytest

from tests.architecture.workbench import LINTERS, ROOT, Said, copy_project, run, write

DOMAINS = "src/dothi/domains"
BREACHES = {
    "src/dothi/leftovers/__init__.py": "",
    "src/dothi/core/gossip/__init__.py": "",
    "src/dothi/core/gossip/service.py": "",
    "src/dothi/core/gossip/types.py": "",
    "src/dothi/kernel/breach.py": "import django\n",
    "src/dothi/protocols/breach.py": "import django\nfrom dothi.domains.one import service\n",
    "src/dothi/web/breach.py": "from dothi.domains.one import service\nfrom dothi.core.accounts import models\n",
    "src/dothi/core/audit/breach.py": "from dothi.core.observations import types\nimport dothi.web.guard\n",
    f"{DOMAINS}/one/__init__.py": "",
    f"{DOMAINS}/one/views.py": "from dothi.domains.one import store\n",
    f"{DOMAINS}/one/jobs.py": "from dothi.domains.one import models\nfrom dothi.domains.one import views\n",
    f"{DOMAINS}/one/service.py": "from dothi.core.accounts import store\nfrom dothi.domains.one import views\n",
    f"{DOMAINS}/one/store.py": "from dothi.domains.one import service\n",
    f"{DOMAINS}/one/models.py": "",
    f"{DOMAINS}/one/rules.py": "from django.utils import timezone\n",
    f"{DOMAINS}/one/types.py": "import psycopg\nfrom dothi.domains.one import rules\n",
    f"{DOMAINS}/two/__init__.py": "",
    f"{DOMAINS}/two/service.py": "from dothi.domains.one import service\n",
    f"{DOMAINS}/two/types.py": "",
}
SAID = {
    "a new top folder": "- dothi.leftovers",
    "a new folder in core": "- dothi.core.gossip",
    "the kernel importing Django": "dothi.kernel.breach -> django",
    "a protocol importing Django": "dothi.protocols.breach -> django",
    "a protocol importing a domain": "dothi.protocols.breach -> dothi.domains.one.service",
    "the shell importing a domain": "dothi.web.breach -> dothi.domains.one.service",
    "the shell importing core's tables": "dothi.web.breach -> dothi.core.accounts.models",
    "core importing the shell": "dothi.core.audit.breach -> dothi.web.guard",
    "core out of order": "dothi.core.audit.breach -> dothi.core.observations.types",
    "a view importing a store": "dothi.domains.one.views -> dothi.domains.one.store",
    "a job importing tables": "dothi.domains.one.jobs -> dothi.domains.one.models",
    "a job importing a view": "dothi.domains.one.jobs -> dothi.domains.one.views",
    "a service importing a view": "dothi.domains.one.service -> dothi.domains.one.views",
    "a service importing core's store": "dothi.domains.one.service -> dothi.core.accounts.store",
    "a store importing its service": "dothi.domains.one.store -> dothi.domains.one.service",
    "rules importing Django": "dothi.domains.one.rules -> django",
    "types importing the driver": "dothi.domains.one.types -> psycopg",
    "types importing rules": "dothi.domains.one.types -> dothi.domains.one.rules",
    "a domain importing another": "dothi.domains.two.service -> dothi.domains.one.service",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What import-linter says of a copy with all breaches."""
    root = copy_project(tmp_path_factory.mktemp("imports"))
    write(root, BREACHES)
    return run([LINTERS / "lint-imports", "--no-logo", "--no-cache"], root=root)


@pytest.mark.parametrize("breach", SAID)
def test_a_breach_is_named(said: Said, breach: str) -> None:
    assert said.code == 1
    assert SAID[breach] in said.text


def test_every_contract_is_tried(said: Said) -> None:
    assert "Contracts: 0 kept" in said.text


def test_no_contract_is_bent() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text("utf-8")
