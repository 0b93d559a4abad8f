"""What watches a service asks of it: `/healthz`, `/readyz` and `/metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from langchain_hunyuanocr.service.dependencies import Context, secured_router
from langchain_hunyuanocr.service.problems import Problem, responses

if TYPE_CHECKING:
    from langchain_hunyuanocr.service.container import Service

open_router = APIRouter(tags=["watching"])
router = secured_router("admin", tag="watching")


class Health(BaseModel):
    """That all is well."""

    status: str = Field(examples=["ok"])


@open_router.get("/healthz", summary="Whether the service lives")
async def healthz() -> Health:
    """Answers as long as the service runs."""
    return Health(status="ok")


@open_router.get("/readyz", responses=responses(503), summary="Whether requests should be sent")
async def readyz(request: Request) -> Health:
    """Answers 503 until the engine has read its first picture."""
    service: Service = request.app.state.service
    if service.unready is not None:
        # The reason may name addresses and folders, and here anybody may ask.
        reason = (
            "the engine is not ready; the service's log says why" if service.authenticator.closed else service.unready
        )
        raise Problem(503, reason, headers={"Retry-After": "5"})
    return Health(status="ready")


_FIGURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"example": 'hunyuanocr_pages_total{status="ok"} 12.0\n'}}}
}


@router.get("/metrics", responses=_FIGURES, response_class=PlainTextResponse, summary="Figures for Prometheus")
async def metrics(visit: Context) -> PlainTextResponse:
    """Requests, pages, batches and queues."""
    return PlainTextResponse(visit.service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
