"""Whatever the OpenAPI of the service allows or forbids: it answers, in the form that it says, and never with 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from langchain_hunyuanocr import Archive, ScriptedEngine
from langchain_hunyuanocr.service import Bounds, ServiceSettings, create_app
from tests.integration_tests.files import typed_pdf
