"""Run a file of golden cases: ``python -m tests.golden FILE.jsonl``.

One JSON object a line with ``id, area, must, given, expect`` and perhaps ``peer_result``. The area chooses an
adapter, which sees *given* only and answers with what the real engine makes of it; each key of *expect* must be
among the answers and equal. An area without an adapter is a failure. Exit status 0 when nothing failed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from tests.golden import billing, running

AREAS = billing.AREAS

DESCRIPTIONS = frozenset({"method", "tolerance"})
"""Keys of *expect* that say how or how exactly, and are no result."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m tests.golden FILE.jsonl", file=sys.stderr)
        return 2
    passed: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for line in Path(arguments[0]).read_text(encoding="utf-8").splitlines():
        if line.strip():
            case = json.loads(line)
            problem = run(case)
            (failed if problem else passed)[case["area"]] += 1
            if problem:
                print(f"FAILED {case['id']} ({case['area']}): {problem}")
    for area in sorted(passed | failed):
        print(f"{area}: {passed[area]} passed, {failed[area]} failed")
    print(f"{passed.total()} passed, {failed.total()} failed")
    return 1 if failed else 0


def run(case: Mapping[str, object]) -> str:
    """What is wrong with the engine's answer to *case*; empty when nothing is."""
    adapter = AREAS.get(str(case["area"]))
    if adapter is None:
        return "no adapter knows this area"
    given, expect = case["given"], case["expect"]
    assert isinstance(given, dict) and isinstance(expect, dict)
    try:
        answers = adapter(given)
    except running.NotModelled as reason:
        return f"not modelled: {reason}"
    for key, wanted in expect.items():
        if key in DESCRIPTIONS:
            continue
        if key not in answers:
            return f"no answer for {key}"
        if not equal(wanted, answers[key], expect.get("tolerance")):
            return f"{key} is {answers[key]!r}, expected {wanted!r}"
    peer = case.get("peer_result")
    if isinstance(peer, dict) and all(key in answers and equal(peer[key], answers[key], None) for key in peer):
        return "this is the peer's wrong result"
    return ""


def equal(wanted: object, answer: object, tolerance: object) -> bool:
    """Numbers by value, whether text or not; everything else as it is."""
    if isinstance(wanted, list):
        return (
            isinstance(answer, (list, tuple))
            and len(wanted) == len(answer)
            and all(equal(one, other, tolerance) for one, other in zip(wanted, answer, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(answer, bool) or wanted is None or answer is None:
        return wanted is answer
    one, other = number(wanted), number(answer)
    if one is None or other is None:
        return wanted == answer
    return abs(one - other) <= Decimal(str(tolerance or 0))


def number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
