"""`/v1/jobs`: long files are read while nobody waits on the line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field

from langchain_hunyuanocr.service.dependencies import Context, RequestContext, secured_router
from langchain_hunyuanocr.service.jobs.store import JobStatus, StoredJob
from langchain_hunyuanocr.service.problems import Problem, responses
from langchain_hunyuanocr.service.schemas.read import Files, PageRecord, Urls, WishForm

starting = secured_router("read", "reading", tag="jobs")
router = secured_router("read", tag="jobs")

_MOST_LISTED = 100
_MOST_PAGES = 1000

JobId = Annotated[str, Path(min_length=1, max_length=64, description="As `POST /v1/jobs` gave it.")]


class Job(BaseModel):
    """How a job stands.

    `pages_done` counts pages that were read or failed, of `pages_total`; those of a film are counted as they come.
    """

    id: str = Field(examples=["8f14e45fceea167a5a36dedd4bea2543"])
    status: JobStatus
    files: list[str] = Field(examples=[["invoices.pdf"]])
    pages_done: int = Field(examples=[12])
    pages_total: int = Field(examples=[40])
    created: datetime
    finished: datetime | None = None
    error: str | None = None


class JobWithPages(Job):
    """How a job stands, with pages that are done, in the order of files and pages."""

    pages: list[PageRecord]


@starting.post("/v1/jobs", status_code=202, summary="Start a job")
async def start(visit: Context, response: Response, wish: WishForm, files: Files = None, url: Urls = None) -> Job:
    """Take files that are long to read; the form is that of `/v1/read`.

    The files are kept until the job has finished, its pages until it is deleted or too old.
    """
    service = visit.service
    await visit.turn()
    job = await service.jobs.add(visit.caller.name, wish, service.uploads, files or (), url or ())
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return _shown(job)


@router.get("/v1/jobs", summary="Your jobs")
async def list_jobs(visit: Context) -> list[Job]:
    """The caller's newest jobs; with the scope `admin`, everybody's."""
    owner = None if visit.caller.may("admin") else visit.caller.name
    return [_shown(job) for job in await visit.service.jobs.listed(owner, most=_MOST_LISTED)]


@router.get("/v1/jobs/{id}", responses=responses(404), response_model=JobWithPages, summary="Progress and result")
async def get_job(
    visit: Context,
    id: JobId,
    first: Annotated[int, Query(ge=0, le=1_000_000, description="Leave out so many pages.")] = 0,
    count: Annotated[int, Query(ge=0, le=_MOST_PAGES, description="Give so many.")] = _MOST_PAGES,
) -> Any:
    """How far a job is, and the pages that are done."""
    job = await _own(visit, id)
    pages = await visit.service.jobs.pages(id, first, count)
    return {**_shown(job).model_dump(), "pages": pages}


@router.post("/v1/jobs/{id}/cancel", responses=responses(404), summary="Cancel a job")
async def cancel(visit: Context, id: JobId) -> Job:
    """End a job early; the pages that are done stay."""
    await _own(visit, id)
    return _shown(await visit.service.jobs.cancel(id))


@router.delete("/v1/jobs/{id}", responses=responses(404), status_code=204, summary="Delete a job")
async def delete(visit: Context, id: JobId) -> None:
    """End a job and forget its pages."""
    await _own(visit, id)
    await visit.service.jobs.forget(id)


async def _own(visit: RequestContext, id: str) -> StoredJob:
    """A job of the caller; others' are as good as not there."""
    job = await visit.service.jobs.get(id)
    if job.owner != visit.caller.name and not visit.caller.may("admin"):
        raise Problem(404, "there is no such job")
    return job


def _shown(job: StoredJob) -> Job:
    return Job(
        id=job.id,
        status=job.status,
        files=list(job.files),
        pages_done=job.pages_done,
        pages_total=job.pages_total,
        created=_time(job.created),
        finished=None if job.finished is None else _time(job.finished),
        error=job.error,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
