"""What is fuzzed: a name, where its inputs come from, and what may come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oimkit.banking import join_pages, read_statements, statement_row
from oimkit.errors import StatementError
from tests.fuzz.replies import WAYS, read_reply

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """``run`` gets bytes and returns whether they were read; any exception that leaves it is a defect.

    decodings  ways in which ``run`` tries to read each input
    """

    name: str
    run: Callable[[bytes], bool]
    decodings: int = 1


def _reads(formats: tuple[str, ...]) -> Callable[[bytes], bool]:
    def run(data: bytes) -> bool:
        read = False
        for name in formats:
            try:
                statements = read_statements(data, format=name, unbalanced="report")
            except StatementError as error:
                assert error.reason and error.format == name
                continue
            for statement in join_pages(statements):
                statement_row(statement, "file")
            read = True
        try:
            read_statements(data)
        except StatementError:
            return read
        return read

    return run


TARGETS = (
    Target("mt940", _reads(("mt940",)), 2),
    Target("ofx", _reads(("ofx1", "ofx2")), 3),
    Target("camt053", _reads(("camt053",)), 2),
    Target("replies", read_reply, len(WAYS)),
)
