"""What is wrong with a stored file, in a line that names it and both digests."""

from __future__ import annotations

from dataclasses import dataclass

from riskkit.errors import printable


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was stored; ``file`` is relative to the store."""

    file: str
    what: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        both = (
            f" (sha256 expected {self.expected}, found {self.found})" if self.expected or self.found else ""
        )
        return f"{printable(self.file)}: {printable(self.what)}{both}"
