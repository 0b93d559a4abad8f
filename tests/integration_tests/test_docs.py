"""The documentation: it builds without a warning, what it shows runs, and what it says of the code is so."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import lxml.html
import pytest
import yaml

import langchain_hunyuanocr
from langchain_hunyuanocr import Archive, ArchiveError, ScriptedEngine, archive, demo, engines, results, service
from langchain_hunyuanocr.archive import Progress
from langchain_hunyuanocr.reading.fields.presets import PRESETS
from tests.integration_tests.documented import ROOT, MarkdownPage, lay_desk, run_shell
from tests.integration_tests.files import scanned_pdf
from tests.integration_tests.served import command, served

DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix(): MarkdownPage(path.relative_to(ROOT).as_posix())
    for path in sorted(DOCS.rglob("*.md"))
}
PROJECT_PAGES = {name: MarkdownPage(f"{name}.md") for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY")}


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with its archive, so that every page's `ingest` finds its scans read."""
    pytest.importorskip("chromadb")
    desk = lay_desk(tmp_path_factory.mktemp("desk"))
    with contextlib.chdir(desk), Archive("archive", engine="rapid") as archive:
        assert archive.ingest(["scans/"]).done == 1
    return desk


@pytest.fixture
def desk(ingested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of the test's own."""
    desk = tmp_path / "desk"
    shutil.copytree(ingested, desk, symlinks=True)
    monkeypatch.chdir(desk)
    return desk


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it; a warning or a broken link is an error there."""
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", folder], cwd=ROOT, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    headings = {
        heading.get("id")
        for page in (site / "reference").glob("*.html")
        for heading in lxml.html.parse(page).iter("h2")
    }
    public = {f"langchain_hunyuanocr.{name}" for name in langchain_hunyuanocr.__all__}
    for module in (archive, demo, engines, results, service):
        names = set(module.__all__) - set(langchain_hunyuanocr.__all__)
        public |= {f"{module.__name__}.{name}" for name in names}
    assert public <= headings


def test_the_site_needs_no_other_machine(site: Path) -> None:
    for page in site.rglob("*.html"):
        root = lxml.html.parse(page).getroot()
        fetched = [*root.xpath("//script/@src"), *root.xpath("//link/@href"), *root.xpath("//img/@src")]
        assert fetched
        assert not [address for address in fetched if urlsplit(address).scheme or address.startswith("//")], page


def test_commands_and_endpoints_are_all_there(site: Path) -> None:
    commands = lxml.html.parse(site / "command-line.html").getroot().text_content()
    assert "hunyuanocr serve-model" in commands
    assert "hunyuanocr keys revoke" in commands
    endpoints = lxml.html.parse(site / "http-reference.html").getroot().text_content()
    described = json.loads((site / "openapi.json").read_text())
    assert all(path in endpoints for path in described["paths"])
    assert "/v1/read" in described["paths"]


def test_every_preset_is_there_with_its_fields(site: Path) -> None:
    listed = lxml.html.parse(site / "presets.html").getroot().text_content()
    fields = {spec.name for preset in PRESETS.values() for spec in preset.fields}
    assert all(name in listed for name in {*PRESETS, *fields})


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.blocks("python")])
def test_every_snippet_prints_what_is_shown(name: str, desk: Path) -> None:
    assert PAGES[name].run_python()


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.shell() and name != "http"])
def test_every_command_runs(name: str, desk: Path) -> None:
    if "flock" in PAGES[name].shell() and shutil.which("flock") is None:
        pytest.skip("flock is not installed")
    assert run_shell(PAGES[name].shell(), desk)


def test_every_extra_exists() -> None:
    for page in (*PAGES.values(), *PROJECT_PAGES.values()):
        page.check_installs()


def test_what_the_pages_of_the_project_link_to_is_there(site: Path) -> None:
    for name, page in PROJECT_PAGES.items():
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.text)
        assert [target for target in targets if not (ROOT / target).exists()] == []
        assert (site / f"{name.lower()}.html").is_file()


def test_the_road_of_a_page_is_drawn(site: Path) -> None:
    (drawing,) = lxml.html.parse(site / "architecture.html").getroot().xpath("//article//img/@src")
    drawn = lxml.etree.parse(site / drawing)
    assert "reading/" in drawn.xpath("//svg:text/text()", namespaces={"svg": "http://www.w3.org/2000/svg"})


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_service_answers_every_request_that_is_shown(desk: Path) -> None:
    before, serve, after = re.split(r"^(hunyuanocr serve .*)\n", PAGES["http"].shell(), flags=re.MULTILINE)
    run_shell(before, desk)
    with command(desk, *serve.split()[2:], "--no-page") as (port, _):  # whose packages take seconds to import
        answers = run_shell(after.replace("127.0.0.1:8000", f"127.0.0.1:{port}"), desk)
    for said in ('"value":"INV-2041"', "event: done", '"status":"cancelled"', "nine years", "Total: 96.50", '"ready"'):
        assert said in answers.replace('": ', '":'), said
    assert "hunyuanocr_pages_total" in answers


def test_the_metrics_that_are_named_are_told(tmp_path: Path) -> None:
    (rules,) = PAGES["operations"].blocks("yaml")
    assert [rule["alert"] for rule in yaml.safe_load(rules)["groups"][0]["rules"]]
    named = set(re.findall(r"\bhunyuanocr_[a-z_]+", PAGES["operations"].text))
    with served(tmp_path / "state") as (address, _):
        form = {"files": ("a.pdf", scanned_pdf(tmp_path / "a.pdf", ["a"]).read_bytes())}
        assert httpx.post(f"{address}/v1/read", files=form).status_code == 200
        told = httpx.get(f"{address}/metrics").text
    assert [name for name in named if name not in told] == []


def test_the_messages_that_are_explained_are_the_codes_own() -> None:
    code = "".join(path.read_text() for path in (ROOT / "langchain_hunyuanocr").rglob("*.py"))
    messages = PAGES["failures"].text.partition("## Messages")[2].partition("Also [")[0]
    explained = re.findall(r"^\| `([^`]+)` \|", messages, re.MULTILINE)
    assert explained
    assert [message for message in explained if message not in code] == []


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
def test_a_backup_answers_as_the_archive_did_and_is_taken_between_ingests(tmp_path: Path) -> None:
    pytest.importorskip("chromadb")
    scans = tmp_path / "scans"
    scans.mkdir()
    scanned_pdf(scans / "crane.pdf", ["1", "2"])
    lines = PAGES["operations"].shell().splitlines()
    backup, *restore = [line for line in lines if line.startswith(("flock", "rm -rf", "cp -a"))]
    texts = ["The crane was inspected in May.", "The harbour has two cranes.", "The ferry is late."]
    asked = ("When was the crane inspected?", "How many cranes has the harbour?")
    tried: list[int] = []

    def try_meanwhile(_: Progress) -> None:
        tried.append(subprocess.run(f"{backup}2", shell=True, cwd=tmp_path).returncode)

    with Archive(tmp_path / "archive", engine=ScriptedEngine(texts)) as archive:
        archive.ingest(scans)
        answers = [archive.ask(question) for question in asked]
        assert answers[0].citations
        # The archive is still open, as a service holds it, while it is copied.
        run_shell(backup, tmp_path)
        archive.ingest(scanned_pdf(scans / "later.pdf", ["3"]), on_progress=try_meanwhile)
        assert set(tried) == {1}
        assert not (tmp_path / "backup2").exists()
        holding = f"flock {tmp_path}/archive/writer.lock sh -c 'echo held; read end'"
        with subprocess.Popen(holding, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as copying:
            assert copying.stdin
            assert copying.stdout
            assert copying.stdout.readline() == b"held\n"
            with pytest.raises(ArchiveError, match="another process is writing"):
                archive.ingest(scans)
            assert archive.ask(asked[0]) == answers[0]
            copying.stdin.close()
    run_shell("\n".join(restore), tmp_path)
    unread = ScriptedEngine("read again")
    with Archive(tmp_path / "archive", engine=unread) as restored:
        assert restored.status().pages == 2
        assert [restored.ask(question) for question in asked] == answers
        restored.ingest(scans / "crane.pdf")
    assert unread.requests == 0
