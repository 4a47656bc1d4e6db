"""The text of a long file, decoded as it is read: by the encoding that its first characters beyond ASCII show."""

from __future__ import annotations

import codecs

from oimkit.banking.cutting.sources import Bytes
from oimkit.banking.decode import MARKS, Decoded, decode
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Finding
from oimkit.errors import StatementError

__all__ = ["EVIDENCE_BYTES", "Texts"]

EVIDENCE_BYTES = 1024 * 1024
"""What is looked at before an encoding is decided: from the beginning of the file, or, where that is ASCII alone, from
the first block with other bytes."""


class Texts:
    """The text of one file in order.

    While the file is ASCII nothing is decided. Then the encoding is that which ``decode`` finds for the evidence; where
    bytes that come later do not fit it, the file is refused.

    findings  what was noticed of the encoding so far
    """

    def __init__(self, source: Bytes, format: str, declared: str | None, limits: Limits) -> None:  # noqa: A002
        self.format, self.limits, self.declared = format, limits, declared
        self.findings: tuple[Finding, ...] = ()
        self._source = source
        self._decoder: codecs.IncrementalDecoder | None = None
        self._encoding = "ascii"
        self._ahead = ""
        self._line = 1
        self._held = 0
        self._is_begun = False

    def read(self, size: int) -> str:
        """About *size* more characters, at least one; nothing at the end.

        Raises:
            StatementError: more than ``limits.bytes`` would be held since ``given`` was called, or the encoding
                changes within the file.
        """
        text = self._read(max(1, min(size, self.limits.bytes)))
        self._held += len(text)
        if self._held > self.limits.bytes:
            raise StatementError(
                f"more than {self.limits.bytes} bytes would have to be held at once",
                format=self.format,
                line=self._line,
                advice="read it with higher limits, or with fewer entries in a part",
            )
        self._line += text.count("\n")
        return text

    def given(self) -> None:
        """What was read has been given to the caller: from now on nothing of it is held."""
        self._held = 0

    def _read(self, size: int) -> str:
        if not self._is_begun:
            self._is_begun = True
            self._begin()
        if self._ahead:
            text, self._ahead = self._ahead[:size], self._ahead[size:]
            return text
        while data := self._source.read(size):
            text = self._decoded(data)
            if text:
                return text
        return self._rest()

    def _begin(self) -> None:
        head = self._source.read(EVIDENCE_BYTES)
        mark = next((mark for mark, _ in MARKS if head.startswith(mark)), b"")
        if mark or not head.isascii() or b"\x00" in head[:64]:
            self._decide(head, head, mark)
            self._ahead = self._step(head[len(mark) :])
        else:
            self._ahead = head.decode("ascii")

    def _decoded(self, data: bytes) -> str:
        """The text of *data*, with more of the file where an encoding has to be decided by it."""
        if self._decoder is None:
            if data.isascii():
                return data.decode("ascii")
            data += self._source.read(EVIDENCE_BYTES)
            self._decide(b"\n" + data, data)  # a byte-order mark stands at the beginning of a file alone
        return self._step(data)

    def _decide(self, evidence: bytes, data: bytes, mark: bytes = b"") -> None:
        found = self._evident(evidence) if len(data) >= EVIDENCE_BYTES else decode(evidence, declared=self.declared)
        self.findings = found.findings
        self._encoding = found.encoding
        self._decoder = codecs.getincrementaldecoder(found.encoding)("replace" if found.findings else "strict")

    def _evident(self, evidence: bytes) -> Decoded:
        """As decode, for evidence that may end within a character: up to four bytes of its end are left out."""
        found = decode(evidence, declared=self.declared)
        best = found
        for cut in range(1, 4):
            if best.encoding == "utf-8" and not best.findings:
                break
            shorter = decode(evidence[:-cut], declared=self.declared)
            if len(shorter.findings) < len(best.findings) or shorter.encoding == "utf-8":
                best = shorter
        return best

    def _step(self, data: bytes) -> str:
        assert self._decoder is not None
        try:
            return self._decoder.decode(data)
        except UnicodeDecodeError:
            raise self._changed() from None

    def _rest(self) -> str:
        """What the decoder holds at the end of the file; raises when that is within a character."""
        try:
            return self._decoder.decode(b"", final=True) if self._decoder is not None else ""
        except UnicodeDecodeError:
            raise self._changed() from None

    def _changed(self) -> StatementError:
        return StatementError(
            f"the file was read as {self._encoding} up to here, which does not fit what follows",
            format=self.format,
            line=self._line,
            advice="download it again, or read it whole with read_statements",
        )
