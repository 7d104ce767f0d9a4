"""`python -m bench [NAME] [--json FILE] [options of the measurement]`: runs one measurement, or all."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import bench
from bench import report
from bench.report import Report


def measurements() -> dict[str, ModuleType]:
    """Give every measurement by its name: the modules here that have a `measure`."""
    found = {}
    for info in pkgutil.iter_modules(bench.__path__):
        if not info.name.startswith("_"):
            module = importlib.import_module(f"bench.{info.name}")
            if hasattr(module, "measure"):
                found[info.name.replace("_", "-")] = module
    return found


def main(arguments: list[str]) -> int:
    """Run what is asked; gives the exit code: 1 where a goal is not met."""
    known = measurements()
    parser = argparse.ArgumentParser(prog="bench", description="Measure Dothi against peers and limits.")
    parser.add_argument("name", nargs="?", choices=sorted(known), help="the measurement; all if not given")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked, rest = parser.parse_known_args(arguments)
    failed = False
    for name in [asked.name] if asked.name else sorted(known):
        own = argparse.ArgumentParser(prog=f"bench {name}", description=known[name].__doc__)
        if hasattr(known[name], "add_arguments"):
            known[name].add_arguments(own)
        made = Report(name=name, machine=report.machine(), figures=known[name].measure(own.parse_args(rest)))
        print(report.table(made), end="\n\n", flush=True)
        if asked.json:
            report.write(made, asked.json if asked.name else asked.json.with_stem(f"{asked.json.stem}-{name}"))
        failed |= any(figure.is_met is False for figure in made.figures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
