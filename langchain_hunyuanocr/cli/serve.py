"""`hunyuanocr serve`: the HTTP service, closed to other machines until it is told how to know its callers."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import EngineOption, LanguageOption, LlmOption
from langchain_hunyuanocr.errors import ServiceError, require

if TYPE_CHECKING:
    from fastapi import FastAPI

SECRET_VARIABLE = "HUNYUANOCR_JWT_SECRET"  # noqa: S105 - its name
"""Other users of the machine can see a command line, but not the environment."""


def serve(
    engine: EngineOption = "auto",
    language: LanguageOption = None,
    model: Annotated[str | None, typer.Option("--model", help="Model of the engine.")] = None,
    device: Annotated[
        str | None, typer.Option("--device", help="Device of the local engine: cpu, cuda, cuda:1.")
    ] = None,
    archive: Annotated[
        Path | None, typer.Option("--archive", "-a", help="Folder of the archive that is searched and asked.")
    ] = None,
    llm: LlmOption = None,
    host: Annotated[str, typer.Option("--host", help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", envvar="HUNYUANOCR_KEYS", help="File of API keys; see `hunyuanocr keys`."),
    ] = None,
    jwt_public_key: Annotated[
        Path | None, typer.Option("--jwt-public-key", help="PEM file that checks tokens signed with RS256.")
    ] = None,
    jwks_url: Annotated[
        str | None, typer.Option("--jwks-url", help="Where an OAuth provider publishes its keys.")
    ] = None,
    jwt_issuer: Annotated[str | None, typer.Option("--jwt-issuer", help="Whose tokens are taken.")] = None,
    jwt_audience: Annotated[str | None, typer.Option("--jwt-audience", help="Whom tokens must be meant for.")] = None,
    rate: Annotated[str, typer.Option("--rate", help="How often one caller may ask.")] = "600/minute",
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help="Fetch files that callers name by a public address.")
    ] = False,
    max_body_mb: Annotated[int, typer.Option("--max-body-mb", min=1, help="Largest upload.")] = 200,
    max_pages: Annotated[int, typer.Option("--max-pages", min=1, help="Most pages of one request.")] = 200,
    max_pixels: Annotated[int, typer.Option("--max-pixels", min=1, help="Most pixels of a page picture.")] = 3_400_000,
    timeout_s: Annotated[float, typer.Option("--timeout-s", min=1, help="Longest that a request may take.")] = 600,
    queue: Annotated[int, typer.Option("--queue", min=1, help="Most requests that read or wait.")] = 64,
    page: Annotated[bool, typer.Option("--page/--no-page", help="The web page at /, beside the API.")] = True,
    forwarded_allow_ips: Annotated[
        str | None,
        typer.Option(
            "--forwarded-allow-ips",
            envvar="FORWARDED_ALLOW_IPS",
            help="Addresses or networks of proxies, with commas between, whose X-Forwarded-For is believed.",
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Folder of this service, for jobs and uploads under way.")
    ] = None,
    ssl_certfile: Annotated[Path | None, typer.Option("--ssl-certfile", help="Certificate, for HTTPS.")] = None,
    ssl_keyfile: Annotated[Path | None, typer.Option("--ssl-keyfile", help="Key of the certificate.")] = None,
    ssl_keyfile_password: Annotated[
        str | None,
        typer.Option("--ssl-keyfile-password", envvar="HUNYUANOCR_SSL_KEYFILE_PASSWORD", help="Opens that key."),
    ] = None,
) -> None:
    """Serve reading, jobs, chat completions, search and answers over HTTP, and a web page that uses them.

    The page is at /, the documentation of the API at /docs.

    Only this machine reaches it, unless --host says otherwise; then callers must prove who they are, by API keys or by
    JSON Web Tokens (with the secret of HS256 in HUNYUANOCR_JWT_SECRET).

    PyMuPDF, which opens PDFs here, is under the AGPL: others who use this over a network are owed the source, unless
    you hold a licence of Artifex.
    """
    for module in ("fastapi", "uvicorn", "limits", "jwt", "prometheus_client", "python_multipart", "sse_starlette"):
        require(module, extra="service", error=ServiceError)
    from pydantic import SecretStr

    from langchain_hunyuanocr.archive.answer.generative.chat_model import check_local
    from langchain_hunyuanocr.engines import resolve_engine
    from langchain_hunyuanocr.service import Access, Bounds, ServiceSettings, create_app
    from langchain_hunyuanocr.service.auth.authenticator import is_loopback
    from langchain_hunyuanocr.service.connections import server_of
    from langchain_hunyuanocr.service.settings import state_folder

    secret = os.environ.get(SECRET_VARIABLE)
    access = Access(
        keys=keys,
        jwt_secret=None if secret is None else SecretStr(secret),
        jwt_public_key=jwt_public_key,
        jwks_url=jwks_url,
        jwt_issuer=jwt_issuer,
        jwt_audience=jwt_audience,
    )
    if not is_loopback(host) and not access.closed:
        raise ServiceError(
            f"on {host} anybody could use it, and nobody has to prove who they are",
            remedy="make a key with: hunyuanocr keys add NAME --keys keys.json, and add --keys keys.json",
        )
    check_local(llm)
    _check_certificate(ssl_certfile, ssl_keyfile, ssl_keyfile_password)
    _check_proxies(forwarded_allow_ips)
    settings = ServiceSettings(
        state=state or state_folder(port),
        archive=archive,
        llm=llm,
        access=access,
        bounds=Bounds(
            max_body_mb=max_body_mb,
            max_pages=max_pages,
            max_pixels=max_pixels,
            timeout_s=timeout_s,
            queue=queue,
            rate=rate,
        ),
        allow_urls=allow_urls,
    )
    given = (("language", language), ("model", model), ("device", device))
    options = {name: value for name, value in given if value is not None}
    app = create_app(settings, resolve_engine(engine, **options))
    server = server_of(
        app,
        # Whoever wrongs the door is known by the address; without a proxy, callers would write that themselves.
        proxy_headers=forwarded_allow_ips is not None,
        forwarded_allow_ips=forwarded_allow_ips,
        ssl_certfile=ssl_certfile,
        ssl_keyfile=ssl_keyfile,
        ssl_keyfile_password=ssl_keyfile_password,
    )
    with _listen(host, port) as listening:
        app.state.service.claim()
        scheme = "http" if ssl_certfile is None else "https"
        address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        if page:
            _add_page(app, address)
        console.say(f"{address}/docs has the API")
        if ssl_certfile is None and not is_loopback(host):
            console.say("without --ssl-certfile, keys and pages can be read on their way, unless a proxy encrypts them")
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


def _add_page(app: FastAPI, address: str) -> None:
    """Mount the web page; a service without its packages serves the API alone, and says so."""
    from langchain_hunyuanocr.ui import mount_page

    try:
        mount_page(app)
    except ServiceError as error:
        console.say(f"no web page: {error} (or --no-page)")
    else:
        console.say(f"{address}/ is the web page")


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        ServiceError: The port is taken, or the host is none of this machine.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as exc:
        words = (exc.strerror or str(exc)).lower()
        raise ServiceError(f"cannot listen at {host}, port {port}: {words}", remedy="choose another --port") from exc


def _check_certificate(certificate: Path | None, key: Path | None, password: str | None) -> None:
    """Make sure that a certificate and its key can be used.

    Raises:
        ServiceError: They cannot.
    """
    import ssl

    if certificate is None:
        if key is not None:
            raise ServiceError("a key without a certificate encrypts nothing", remedy="add --ssl-certfile")
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, lambda: password or "")
    except OSError as exc:  # ssl.SSLError is one
        words = (exc.strerror or str(exc)).lower()
        raise ServiceError(f"the certificate or its key cannot be used: {words}", source=str(certificate)) from exc


def _check_proxies(addresses: str | None) -> None:
    """Make sure that what is said of proxies is understood; uvicorn takes anything.

    Raises:
        ServiceError: It is not.
    """
    from ipaddress import ip_network

    for one in (addresses or "*").split(","):
        try:
            if one.strip() != "*":
                ip_network(one.strip())
        except ValueError as exc:
            raise ServiceError(
                f"{one.strip()!r} is no address of a proxy", remedy="write it as 127.0.0.1 or 10.0.0.0/8"
            ) from exc
