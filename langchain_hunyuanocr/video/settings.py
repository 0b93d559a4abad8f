"""Settings of video: how its frames are looked at."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic import Field as PydanticField

from langchain_hunyuanocr.results import Box


class FilmSettings(BaseModel):
    """How films are looked at.

    Attributes:
        step_s: Seconds from one look at the film to the next; no subtitle's times are known better than that.
        region: Where subtitles stand, in shares of the frame; what is outside is neither compared nor read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step_s: float = PydanticField(default=0.5, ge=0.02, le=60.0, allow_inf_nan=False)
    region: Box = Box(0.0, 0.5, 1.0, 1.0)

    @field_validator("region")
    @classmethod
    def _has_area(cls, region: Box) -> Box:
        if not (0 <= region.x0 < region.x1 <= 1 and 0 <= region.y0 < region.y1 <= 1):
            raise ValueError("region is (x0, y0, x1, y1) in shares of the frame, 0 to 1, and has an area")
        return region
