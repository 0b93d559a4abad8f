"""Field plan: which fields are wanted, by names, a pydantic model or a preset; nonsense is refused at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reading.fields.presets import PRESETS, spec_of
from langchain_hunyuanocr.reading.fields.schema import specs_of
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.value_kinds import fold


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """The fields that are wanted of every page."""

    specs: tuple[FieldSpec, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """In the order asked."""
        return tuple(spec.name for spec in self.specs)

    def asked(self, language: str = "zh") -> tuple[str, ...]:
        """How a language model is asked for them, in the order asked: in words of its prompt, each once.

        Args:
            language: Of the prompt, `zh` or `en`.
        """
        words = [self._words(spec, language) for spec in self.specs]
        return tuple(
            word if words.count(word) == 1 else spec.name for word, spec in zip(words, self.specs, strict=True)
        )

    @staticmethod
    def _words(spec: FieldSpec, language: str) -> str:
        if spec.asked is None or (language != "zh" and not spec.asked.isascii()):
            return spec.name
        return spec.asked

    @classmethod
    def of(cls, fields: Sequence[str] | type[BaseModel] | None, *, preset: str | None = None) -> FieldPlan:
        """A plan from names, a schema or a preset; an empty one from nothing.

        Raises:
            FieldError: Both were given, the preset is unknown, a name is empty or given twice, or the model cannot be
                asked for.
        """
        if preset is not None:
            if fields:
                raise FieldError("fields and a preset were both given", remedy="give one of them")
            if preset not in PRESETS:
                raise FieldError(f"there is no preset {preset!r}", remedy=f"choose one of {', '.join(PRESETS)}")
            return cls(PRESETS[preset].fields)
        if isinstance(fields, type):
            return cls(specs_of(fields))
        if isinstance(fields, str):
            raise FieldError(f"fields are a list of names, not {fields!r}", remedy=f"pass fields=[{fields!r}]")
        if fields is not None and not isinstance(fields, Sequence):
            raise FieldError(
                f"fields are a list of names or a pydantic model, not a {type(fields).__name__}",
                remedy='pass a class derived from pydantic.BaseModel, or names as in fields=["total"]',
            )
        names = list(fields or ())
        if any(not isinstance(name, str) or not fold(name) for name in names):
            raise FieldError("a field has no name", remedy='name each field, for example "total"')
        if len(set(names)) != len(names):
            raise FieldError("a field is named twice", remedy="name each field once")
        return cls(tuple(spec_of(name) for name in names))
