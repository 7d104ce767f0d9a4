"""Faults found from data: a minute of all lamps and cabinets in, what came and went out."""

from dothi.domains.lighting.rules.detection.detector import step, step_cabinet
from dothi.domains.lighting.rules.detection.evidence import SETTLE_MIN
from dothi.domains.lighting.rules.detection.state import (
    State,
    StateUnreadable,
    dump_state,
    fresh_state,
    load_state,
    with_sites,
)

__all__ = [
    "SETTLE_MIN",
    "State",
    "StateUnreadable",
    "dump_state",
    "fresh_state",
    "load_state",
    "step",
    "step_cabinet",
    "with_sites",
]
