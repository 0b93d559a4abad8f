"""Certainty: from which likelihood on an answer without a model is called confident.

The limits are the lowest that keep at least 99 of 100 answers right (that of pages is higher, for few answers tell it);
how answers fare to questions that had no part in choosing them, `python -m training.certainty` tells by
cross-validation over papers: 87 of 90 were right.
"""

from __future__ import annotations

import logging
from typing import Literal

Source = Literal["records", "tables", "pages"]

LIMITS: dict[Source, float] = {"records": 0.97, "tables": 0.99, "pages": 0.9}
"""By where an answer is from: records of papers, the figure of a table, or words of a page."""
_log = logging.getLogger(__name__)


def is_certain(source: Source, likelihood: float) -> bool:
    """Whether an answer is called confident.

    Args:
        source: Where it is from.
        likelihood: That it is right, 0 to 1, where nothing else speaks against it.
    """
    _log.debug("%s %.4f", source, likelihood)
    return likelihood >= LIMITS[source]
