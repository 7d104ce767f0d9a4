"""`python -m tests.fuzz TARGET [options of libFuzzer]`: fuzzes one decoder with atheris, which watches its branches."""

import logging
import os
import sys
from pathlib import Path

import atheris
import django

os.environ |= {"DOTHI_DATABASE_URL": "postgresql://nobody@nowhere/nothing", "DOTHI_SECRET_KEY": "fuzz" * 10}
with atheris.instrument_imports(include=["dothi", "lark", "tomllib", "tarfile"]):
    from dothi.config import environment

    environment.point_to_django_settings()
    django.setup()
    from tests.fuzz.shapes import JSON, mutate_json
    from tests.fuzz.targets import TARGETS

EXAMPLES = Path(__file__).with_name("examples")


def main(arguments: list[str]) -> None:
    """Fuzz until the time is up or a fault is found; its input is left in build/fuzz."""
    name, *rest = arguments[1:]
    logging.disable()
    corpus = Path("build/fuzz", name)
    corpus.mkdir(parents=True, exist_ok=True)
    options = [f"-artifact_prefix={corpus.parent}/{name}-", "-timeout=20", "-rss_limit_mb=3000", *rest]
    command = [arguments[0], *options, str(corpus), str(EXAMPLES / name)]
    if name in JSON:
        atheris.Setup(command, TARGETS[name], custom_mutator=_change_json)
    else:
        atheris.Setup(command, TARGETS[name])
    atheris.Fuzz()


def _change_json(data: bytes, most: int, seed: int) -> bytes:
    return mutate_json(data, most, seed, atheris.Mutate)


if __name__ == "__main__":
    main(sys.argv)
