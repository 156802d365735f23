"""What a city settles for the course of its cases: the catalogue, and how long things may take (F10, F12 to F15)."""

from dataclasses import dataclass, field
from uuid import UUID

from fengqiao.domain.catalogue import Catalogue

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Handbook:
    """Days are calendar days. `revisit_per_mille`: how many of 1000 replied cases have to be re-visited."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    suspension_days_limit: int = 30
    extension_days_limit: int = 10
    reopen_days: int = 30
    revisit_per_mille: int = WHOLE

    def is_revisit_due(self, case_id: UUID) -> bool:
        """Tell whether a case is in the sample: drawn by its id, so that every centre and every release draws the same.

        The lowest 62 bits of a UUIDv7 are random, so they need no hash.
        """
        return (case_id.int & (2**62 - 1)) % WHOLE < self.revisit_per_mille
