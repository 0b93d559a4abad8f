"""Settings of a service, which its operator decides; units are in the names."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, SecretStr

from langchain_hunyuanocr.pages import PageSettings


class Bounds(BaseModel):
    """What one request may ask of the service.

    Attributes:
        max_body_mb: Largest upload, and most that is fetched for one request.
        max_json_mb: Largest body that is JSON, which is held in memory, and most that is fetched for one of those.
        max_files: Most files of one request, addresses included.
        max_pages: Most pages of one request; longer files are for jobs.
        max_job_pages: Most pages of a job.
        max_pixels: Most pixels of a page picture; larger pages are rendered smaller.
        max_memory_mb: Most memory of the process that opens a file.
        page_timeout_s: Longest that opening a file or rendering a page may take.
        timeout_s: Longest that a request may take from when its body is there, and longest that the body may take.
        body_timeout_s: Longest wait for the next piece of a request's body, and for a client to take the next piece of
            its answer.
        head_timeout_s: Longest that the head of a request may take, from when its connection is there, and the form of
            a login.
        max_heads: Most connections whose head is not there yet; the oldest is closed for the next one.
        max_connections: Most connections; requests of more are answered 503.
        max_caller_mb: Most disk that the uploads of one caller may take: those under way, those of jobs that wait or
            run, and those in windows of the page.
        queue: Most requests that read at the same time, waiting ones included; the next ones are answered 503.
        ask_queue: As `queue`, of those that search and ask.
        film_timeout_s: Longest that reading a film may take; of those in one request, all of them have `timeout_s`.
        job_timeout_s: Longest that a job may run from when it begins, or begins anew after a restart.
        max_jobs: Most jobs that wait or run.
        max_jobs_mb: Most disk that jobs may take, their files and their results, before no more are taken.
        jobs_at_once: How many jobs run at the same time.
        keep_jobs_h: How long the result of a job is kept.
        rate: How often one caller may ask, as the package `limits` writes it; a key may have its own.
        wrong_rate: How often one address may show a credential that is wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_body_mb: PositiveInt = 200
    max_json_mb: PositiveInt = 32
    max_files: PositiveInt = 20
    max_pages: PositiveInt = 200
    max_job_pages: PositiveInt = 5000
    max_pixels: PositiveInt = 3_400_000
    max_memory_mb: PositiveInt = 2048
    page_timeout_s: PositiveFloat = 60.0
    timeout_s: PositiveFloat = 600.0
    body_timeout_s: PositiveFloat = 60.0
    head_timeout_s: PositiveFloat = 10.0
    max_heads: PositiveInt = 256
    max_connections: PositiveInt = 2000
    max_caller_mb: PositiveInt = 4000
    queue: PositiveInt = 64
    ask_queue: PositiveInt = 64
    film_timeout_s: PositiveFloat = 3600.0
    job_timeout_s: PositiveFloat = 86_400.0
    max_jobs: PositiveInt = 100
    max_jobs_mb: PositiveInt = 20_000
    jobs_at_once: PositiveInt = 2
    keep_jobs_h: PositiveFloat = 24.0
    rate: str = "600/minute"
    wrong_rate: str = "30/minute"

    def page_settings(self, *, pages: str | None = None, password: str | None = None) -> PageSettings:
        """How files are opened within these bounds.

        Raises:
            SourceError: `pages` is no choice of pages.
        """
        return PageSettings(
            max_pixels=self.max_pixels,
            max_memory_mb=self.max_memory_mb,
            max_file_mb=self.max_body_mb,
            timeout_s=self.page_timeout_s,
            pages=pages,
            password=password,
        )


class Access(BaseModel):
    """How callers prove who they are; nothing set means that there is no authentication.

    Attributes:
        keys: File of API keys, as `hunyuanocr keys` writes it.
        jwt_secret: Secret of tokens signed with HS256, 32 bytes or more.
        jwt_public_key: PEM file of the key that tokens signed with RS256 are checked by.
        jwks_url: Where an OAuth provider publishes its keys, for tokens signed with RS256.
        jwt_issuer: Whose tokens are taken; anybody's with the right signature where `None`.
        jwt_audience: Whom tokens must be meant for; must be set beside `jwks_url`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: Path | None = None
    jwt_secret: SecretStr | None = None
    jwt_public_key: Path | None = None
    jwks_url: str | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None

    @property
    def closed(self) -> bool:
        """Whether callers must prove who they are."""
        return any(one is not None for one in (self.keys, self.jwt_secret, self.jwt_public_key, self.jwks_url))


def state_folder(port: int) -> Path:
    """Where a service on this port keeps its jobs and uploads, if it is told nothing else."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "hunyuanocr" / f"service-{port}"


class ServiceSettings(BaseModel):
    """A service.

    Attributes:
        state: Folder of its own, for jobs and for uploads while they are read.
        archive: Folder of the archive that is searched and asked; none where `None`.
        llm: Chat model that answers about the archive, as `provider:model`.
        access: How callers prove who they are.
        bounds: What one request may ask.
        allow_urls: Whether files and pictures may be named by an address; private ones are refused in any case.
        warm_up: Whether the engine reads an empty picture before the service calls itself ready.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Path = Field(default_factory=lambda: state_folder(8000))
    archive: Path | None = None
    llm: str | None = None
    access: Access = Access()
    bounds: Bounds = Bounds()
    allow_urls: bool = False
    warm_up: bool = True
