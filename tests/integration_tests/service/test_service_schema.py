"""Whatever the OpenAPI of the service allows or forbids, it answers in the form that it says, and never with 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from langchain_hunyuanocr import Archive, ScriptedEngine
from langchain_hunyuanocr.service import Bounds
from tests.integration_tests.files import typed_pdf
from tests.integration_tests.served import served

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    folder: Path = tmp_path_factory.mktemp("service")
    typed_pdf(folder / "lease.pdf", ["The lease runs for nine years. It begins on 4 March 2021. " * 4])
    with Archive(folder / "archive", engine=ScriptedEngine("page"), create=True) as archive:
        archive.ingest(folder / "lease.pdf")
    # Nothing is fetched here, and jobs may be as many as there are examples.
    bounds = Bounds(max_jobs=10_000, page_timeout_s=10)
    with served(folder / "state", archive=folder / "archive", bounds=bounds) as (address, _):
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_service_keeps_what_its_openapi_says(described: BaseSchema, mode: GenerationMode) -> None:
    asked = set()
    for result in described.get_all_operations():
        operation = result.ok()
        asked.add(operation.label)

        @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps(case: Case) -> None:
            case.call_and_validate(checks=_CHECKS, timeout=60)

        try:
            keeps()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # without parameters there is nothing to get wrong
    assert len(asked) == 14
