"""What LangChain asks of every chat model."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_tests.unit_tests import ChatModelUnitTests

from langchain_hunyuanocr import ChatHunyuanOCR


class TestChatHunyuanOCR(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatHunyuanOCR

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"engine": "server", "model": "tencent/HunyuanOCR", "base_url": "http://localhost:8000/v1"}

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def returns_usage_metadata(self) -> bool:
        return False

    @property
    def supports_model_override(self) -> bool:
        return False
