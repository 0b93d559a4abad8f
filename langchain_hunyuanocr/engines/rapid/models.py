"""Recognition models of PP-OCR: which one reads a language, and where its file is.

RapidOCR's wheel carries one model, which reads Chinese, English, Japanese and the Latin alphabet. For other scripts it
has one a script, and downloads it from its own address, once, unless a folder is named that holds it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.base import MODELS_VARIABLE
from langchain_hunyuanocr.errors import EngineError

if TYPE_CHECKING:
    from types import ModuleType

BUILT_IN = "PP-OCRv6-small"
DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"

# Languages by ISO 639 and by RapidOCR's own names: its default_models.yaml, and PaddleOCR's list for PP-OCRv5.
_BUILT_IN_LANGUAGES = (
    "zh zh-cn zh-tw ch chinese_cht en ja japan af az bs ca cs cy da de es et eu fi fr ga gl hr hu id is it ku la lb lt "
    "lv mi ms mt nl no oc pl pt qu rm ro rs_latin sk sl sq sv sw tl tr uz vi french german latin"
)
_SCRIPTS = {
    "arabic": "ar fa ur ug ps sd",
    "cyrillic": "bg kk ky mk mn sr tg tt ba cv os",
    "devanagari": "hi mr ne sa mai bho",
    "el": "el",
    "eslav": "ru uk be",
    "ka": "kn",
    "korean": "ko",
    "ta": "ta",
    "te": "te",
    "th": "th",
}
"""The languages that each further model reads; Latin letters and figures besides."""
_RIGHT_TO_LEFT = frozenset({"arabic"})
_VERSIONS = {"ka": "PP-OCRv4"}
_VERSION = "PP-OCRv5"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A recognition model.

    Attributes:
        script: As RapidOCR names it; `None` for the built-in model.
        folder: Where its file must lie; RapidOCR's own, with leave to download it, where `None`.
    """

    script: str | None = None
    folder: Path | None = None

    @classmethod
    def of(cls, language: str | None, folder: str | Path | None = None) -> Recogniser:
        """The model that reads a language.

        Args:
            language: By ISO 639 (`th`, `ru`), or a script as RapidOCR names it (`cyrillic`); case does not matter.
            folder: That holds the model's file; that of `HUNYUANOCR_RAPID_MODELS` where `None`.

        Raises:
            EngineError: No model reads it.
        """
        asked = (language or "").strip().lower()
        if not asked or asked in _BUILT_IN_LANGUAGES.split():
            return cls()
        script = next((script for script, known in _SCRIPTS.items() if asked in (script, *known.split())), None)
        if script is None:
            known = sorted({*" ".join(_SCRIPTS.values()).split()})
            raise EngineError(
                f"no model of RapidOCR reads the language {language!r}",
                remedy=f"beside Chinese, English, Japanese and the Latin alphabet it has {', '.join(known)}; "
                "the local and server engines read more",
            )
        folder = folder or os.environ.get(MODELS_VARIABLE)
        return cls(script, Path(folder) if folder else None)

    @property
    def name(self) -> str:
        """What a reading says of its model."""
        return BUILT_IN if self.script is None else f"{self.script}_{self._version}_rec_mobile"

    @property
    def _version(self) -> str:
        return _VERSIONS.get(self.script or "", _VERSION)

    def settings(self, rapidocr: ModuleType) -> dict[str, Any]:
        """What RapidOCR is told to take it.

        Args:
            rapidocr: The package.

        Raises:
            EngineError: Its file is not in the folder that is to hold it, or what orders its letters is not installed.
        """
        if self.script is None:
            return {"Rec.model_path": str(carried(rapidocr) / RECOGNISER)}
        if self.script in _RIGHT_TO_LEFT and find_spec("bidi") is None:
            raise EngineError(f"to read {self.script}, RapidOCR needs python-bidi", remedy="pip install python-bidi")
        settings = {
            "Rec.lang_type": rapidocr.LangRec(self.script),
            "Rec.ocr_version": rapidocr.OCRVersion(self._version),
            "Rec.model_type": rapidocr.ModelType.MOBILE,
        }
        if self.folder is None:
            return settings
        file = self.folder / f"{self.name}.onnx"
        if not file.is_file():
            raise EngineError(f"there is no {file.name} in {self.folder}", remedy=self.remedy)
        return {**settings, "Rec.model_path": str(file)}

    @property
    def remedy(self) -> str:
        """What helps where a further model cannot be had."""
        return (
            f"copy {self.name}.onnx from https://www.modelscope.cn/models/RapidAI/RapidOCR "
            f"(onnx/{self._version}/rec) into a folder, and name it in {MODELS_VARIABLE}"
        )


def carried(rapidocr: ModuleType) -> Path:
    """The folder of the models in RapidOCR's wheel.

    Args:
        rapidocr: The package.

    Raises:
        EngineError: They are not there.
    """
    folder = Path(str(rapidocr.__file__)).parent / "models"
    for weights in (DETECTOR, RECOGNISER):
        if not (folder / weights).is_file():
            raise EngineError(f"this rapidocr does not carry {weights}", remedy='pip install "rapidocr>=3.10,<4"')
    return folder
