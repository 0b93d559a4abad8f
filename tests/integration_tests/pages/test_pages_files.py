"""Real files through the real worker."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pymupdf
import pytest
from PIL import Image

from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import (
    Page,
    PageFailure,
    PageSettings,
    Source,
    aiter_pages,
    count_pages,
    iter_pages,
    render_page,
    sha256_of,
)
from langchain_hunyuanocr.worker_pool import Pool, WorkerLostError
from tests.integration_tests.files import picture, scanned_pdf, typed_pdf

PROSE = "The board met in March and read the minutes of the last meeting, which were agreed upon. " * 4


def pages_of(given: object, **settings: object) -> list[Page]:
    found = list(iter_pages(Source.of(given), PageSettings(**settings)))  # type: ignore[arg-type]
    assert all(isinstance(page, Page) for page in found), found
    return found  # type: ignore[return-value]


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "langchain_hunyuanocr.pages.worker" in child.cmdline()]


class TestPdf:
    def test_pages_come_in_order_with_what_the_file_says(self, tmp_path: Path) -> None:
        path = typed_pdf(tmp_path / "协议 (final).pdf", [f"Page {n}. {PROSE}" for n in range(9)])
        with pymupdf.open(path) as document:
            document.set_page_labels([{"startpage": 0, "style": "r", "firstpagenum": 3}])
            document.saveIncr()
        found = pages_of(path)
        assert [page.index for page in found] == list(range(9))
        assert [page.label for page in found[:2]] == ["iii", "iv"]
        for page in found:
            assert page.text_layer.good
            assert page.text_layer.lines[0].text.startswith(f"Page {page.index}.")
            assert (page.total, page.source, page.file_name) == (9, str(path), path.name)
            assert page.sha256 == sha256_of(Source.of(path))
            assert page.picture.mode == "RGB"
            assert not page.blank
        assert count_pages(Source.of(path)) == 9

    def test_boxes_lie_on_the_ink(self, tmp_path: Path) -> None:
        for rotation in (0, 90, 180, 270):
            with pymupdf.open() as document:
                page = document.new_page(width=400, height=600)
                page.insert_text((50, 100), "HEADLINE", fontsize=30, fontname="hebo")
                page.set_rotation(rotation)
                document.save(tmp_path / "x.pdf")
            page = pages_of(tmp_path / "x.pdf")[0]
            assert page.rotation == (360 - rotation) % 360, "type that lies on its side is set upright"
            line = page.text_layer.lines[0]
            assert line.bold
            assert line.size == pytest.approx(30 / 600, abs=0.002)
            dark = page.picture.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
            assert dark is not None
            width, height = page.picture.size
            assert (width < height) == (page.picture.height > page.picture.width)
            assert line.box.x0 == pytest.approx(dark[0] / width, abs=0.02)
            assert line.box.x1 == pytest.approx(dark[2] / width, abs=0.02)
            assert line.box.y0 < dark[1] / height < dark[3] / height < line.box.y1

    def test_rotate_is_applied(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["one"])
        with pymupdf.open(path) as document:
            document[0].set_rotation(90)
            document.saveIncr()
        width, height = pages_of(path, upright=False)[0].picture.size
        assert height == pytest.approx(2 * width, abs=2)

    def test_a_choice_of_pages(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a", "b", "c", "d"])
        assert [page.index for page in pages_of(path, pages="2-3,9")] == [1, 2]
        with pytest.raises(SourceError, match=r"x\.pdf: none of the pages '7' exists \(it has 4 pages\)"):
            pages_of(path, pages="7")

    def test_passwords(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a"], password="geheim")
        assert len(pages_of(path, password="geheim")) == 1
        with pytest.raises(SourceError, match=r"x\.pdf: is encrypted \(give its password\)"):
            pages_of(path)
        with pytest.raises(SourceError, match="the password is wrong"):
            pages_of(path, password="nein")

    def test_scans_keep_their_own_resolution_up_to_the_cap(self, tmp_path: Path) -> None:
        for pixels, expected in (((1500, 2000), (1500, 2000)), ((4500, 6000), (1596, 2128))):
            buffer = io.BytesIO()
            Image.new("L", pixels, 250).save(buffer, "JPEG")
            with pymupdf.open() as document:
                page = document.new_page(width=300, height=400)
                page.insert_image(page.rect, stream=buffer.getvalue())
                document.save(tmp_path / "x.pdf")
            size = pages_of(tmp_path / "x.pdf")[0].picture.size
            assert size[0] * size[1] <= 3_400_000
            assert size == pytest.approx(expected, abs=2)

    def test_a_page_of_200_inches_costs_no_more(self, tmp_path: Path) -> None:
        with pymupdf.open() as document:
            document.new_page(width=14400, height=14400).insert_text((900, 4000), "WIDE", fontsize=2000)
            document.save(tmp_path / "x.pdf")
        page = pages_of(tmp_path / "x.pdf")[0]
        assert page.picture.width * page.picture.height <= 3_400_000
        assert page.dpi == 9


class TestTextLayer:
    """Which text is trusted."""

    def why(self, path: Path) -> str:
        layer = pages_of(path)[0].text_layer
        assert layer.good == (layer.why == "good")
        return layer.why

    def page_with(self, path: Path, *, text: str, mode: int = 0, share: float = 1.0, under: bool = False) -> Path:
        buffer = io.BytesIO()
        picture("INVOICE 17\ntotal 42").save(buffer, "PNG")
        with pymupdf.open() as document:
            page = document.new_page()
            image = pymupdf.Rect(page.rect) * pymupdf.Matrix(1, share)
            if under:
                page.insert_textbox(pymupdf.Rect(60, 60, 500, 800), text, render_mode=mode)
            if share:
                page.insert_image(image, stream=buffer.getvalue(), keep_proportion=False)
            if not under:
                page.insert_textbox(pymupdf.Rect(60, 60, 500, 800), text, render_mode=mode)
            document.save(path)
        return path

    def test_typed_text_is_good(self, tmp_path: Path) -> None:
        assert self.why(self.page_with(tmp_path / "x.pdf", text="Just one line", share=0)) == "good"

    def test_a_logo_does_no_harm(self, tmp_path: Path) -> None:
        assert self.why(self.page_with(tmp_path / "x.pdf", text="Just one line", share=0.1)) == "good"

    def test_invisible_text_over_a_scan_is_hidden(self, tmp_path: Path) -> None:
        assert self.why(self.page_with(tmp_path / "x.pdf", text=PROSE, mode=3)) == "hidden"

    def test_text_under_a_scan_is_hidden(self, tmp_path: Path) -> None:
        assert self.why(self.page_with(tmp_path / "x.pdf", text=PROSE, under=True)) == "hidden"

    def test_a_stamp_on_a_scan_is_sparse(self, tmp_path: Path) -> None:
        assert self.why(self.page_with(tmp_path / "x.pdf", text="RECEIVED 7 March 2026")) == "sparse"

    def test_text_on_a_picture_is_good(self, tmp_path: Path) -> None:
        assert self.why(self.page_with(tmp_path / "x.pdf", text=PROSE)) == "good"

    def test_a_scan_has_none(self, tmp_path: Path) -> None:
        assert self.why(scanned_pdf(tmp_path / "x.pdf", ["a"])) == "none"

    def test_glyphs_without_characters_are_unmapped(self, tmp_path: Path) -> None:
        path = tmp_path / "x.pdf"
        with pymupdf.open() as document:
            page = document.new_page()
            page.insert_textbox(pymupdf.Rect(60, 60, 500, 800), PROSE)
            for xref in range(1, document.xref_length()):
                if document.xref_get_key(xref, "BaseFont")[0] == "name":
                    differences = "/".join(f"g{code}" for code in range(32, 127))
                    document.xref_set_key(xref, "Encoding", f"<</Type/Encoding/Differences[32/{differences}]>>")
            document.save(path)
        assert self.why(path) == "unmapped"


class TestBroken:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", r"is empty \(0 bytes\)"),
            (b"%PDF-1.7\n%%EOF\n", "is damaged|has no pages"),
            (b"<html><body>404</body></html>", "is a web page"),
            (b"\x89PNG\r\n\x1a\nnothing", "is damaged"),
        ],
    )
    def test_one_clear_error(self, content: bytes, words: str, tmp_path: Path) -> None:
        (tmp_path / "x.pdf").write_bytes(content)
        with pytest.raises(SourceError, match=rf"x\.pdf: ({words})"):
            pages_of(tmp_path / "x.pdf")

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.pdf")
        with pytest.raises(SourceError, match="is not a regular file"):
            pages_of(tmp_path / "pipe.pdf")
        (tmp_path / "lost.pdf").symlink_to(tmp_path / "nowhere")
        with pytest.raises(SourceError, match="there is no such file"):
            pages_of(tmp_path / "lost.pdf")

    def test_a_file_that_may_not_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a"])
        path.chmod(0)
        if os.access(path, os.R_OK):  # root reads everything

            def refuse(self: Path, *_: object, **__: object) -> None:
                raise PermissionError(13, "Permission denied", str(self))

            monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(SourceError, match=r"x\.pdf: may not be read"):
            pages_of(path)

    def test_a_loop_in_the_page_tree(self, tmp_path: Path) -> None:
        (tmp_path / "x.pdf").write_bytes(
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n"
        )
        found = list(iter_pages(Source.of(tmp_path / "x.pdf")))
        assert [type(each) for each in found] == [Page, PageFailure]
        assert "x.pdf, page 2: " in str(found[1].error)  # type: ignore[union-attr]

    def test_a_page_count_that_is_a_lie(self, tmp_path: Path) -> None:
        (tmp_path / "x.pdf").write_bytes(
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 9999999>>endobj\n"
            b"trailer<</Root 1 0 R>>\n"
        )
        with pytest.raises(SourceError, match=r"damaged|has no pages"):
            pages_of(tmp_path / "x.pdf")

    def test_a_broken_page_costs_no_other(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a", "b", "c"])
        with pymupdf.open(path) as document:
            contents = document[1].get_contents()[0]
            document.update_stream(contents, b"\x80\x81 q ] >> /Fm0 Do (")
            document.save(tmp_path / "y.pdf")
        found = list(iter_pages(Source.of(tmp_path / "y.pdf")))
        assert [type(each) for each in found] == [Page, PageFailure, Page]

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "x.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024))
        with pytest.raises(SourceError, match=r"is larger than 1 MB \(raise max_file_mb"):
            pages_of(path, max_file_mb=1)

    def test_render_page(self, tmp_path: Path) -> None:
        source = Source.of(scanned_pdf(tmp_path / "x.pdf", ["a", "b"]))
        assert render_page(source, 1).picture == list(iter_pages(source))[1].picture  # type: ignore[union-attr]
        with pytest.raises(PageError, match=r"page 3: there is no such page \(it has 2 pages\)"):
            render_page(source, 2)


class TestWorker:
    """What the worker process protects from."""

    def test_memory_is_limited(self, tmp_path: Path) -> None:
        side = 20_000
        with pymupdf.open() as document:
            page = document.new_page()
            page.insert_image(page.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 8, 8)))
            xref = page.get_images()[0][0]
            document.new_page()
            document.update_stream(xref, zlib.compress(bytes(side * side), 1), compress=False)
            for key, value in (("Width", side), ("Height", side), ("Filter", "/FlateDecode")):
                document.xref_set_key(xref, key, str(value))
            document.save(tmp_path / "x.pdf")
        found = list(iter_pages(Source.of(tmp_path / "x.pdf"), PageSettings(max_memory_mb=700)))
        assert isinstance(found[0], PageFailure)
        assert "a picture of 20000 x 20000 pixels on the page is too large" in str(found[0].error)
        assert isinstance(found[1], Page)
        Image.new("1", (side, side)).save(tmp_path / "x.png")
        (failure,) = iter_pages(Source.of(tmp_path / "x.png"), PageSettings(max_memory_mb=700))
        assert isinstance(failure, PageFailure)
        assert all(worker.memory_info().rss < 700e6 for worker in workers())

    def test_a_hang_ends_in_time(self) -> None:
        pool = Pool("langchain_hunyuanocr.pages.worker", size=1)
        try:
            pool.ask("x", {"ask": "open", **_request("/nowhere")}, 30)
            (worker,) = pool._idle
            os.kill(worker._process.pid, signal.SIGSTOP)
            start = time.monotonic()
            with pytest.raises(WorkerLostError, match=r"took longer than 0\.5 s"):
                pool.ask("x", {"ask": "open", **_request("/nowhere")}, 0.5)
            assert time.monotonic() - start < 5
            assert "error" in pool.ask("x", {"ask": "open", **_request("/nowhere")}, 30)[0], "a new worker takes over"
        finally:
            pool.close()

    def test_a_crash_costs_one_page(self, tmp_path: Path) -> None:
        source = Source.of(scanned_pdf(tmp_path / "x.pdf", [str(n) for n in range(12)]))
        seen = []
        for page in iter_pages(source):
            seen.append(page)
            if page.index == 4:
                for worker in workers():
                    worker.kill()
        assert [page.index for page in seen] == list(range(12))
        assert sum(isinstance(page, PageFailure) for page in seen) <= 2

    def test_an_idle_worker_that_was_killed_is_replaced(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a"])
        pages_of(path)
        for worker in workers():
            worker.kill()
            worker.wait(10)
        assert len(pages_of(path)) == 1

    def test_interleaved_walks(self, tmp_path: Path) -> None:
        paths = [scanned_pdf(tmp_path / f"{n}.pdf", ["a"] * 6) for n in range(3)]
        walks = [iter_pages(Source.of(path)) for path in paths]
        assert [(page.file_name, page.index) for group in zip(*walks, strict=True) for page in group] == [
            (path.name, index) for index in range(6) for path in paths
        ]

    def test_threads(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a"] * 5)
        counts: list[int] = []
        threads = [threading.Thread(target=lambda: counts.append(len(pages_of(path)))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert counts == [5] * 6

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_fork_in_the_middle(self, tmp_path: Path) -> None:
        walk = iter_pages(Source.of(scanned_pdf(tmp_path / "x.pdf", ["a"] * 8)))
        first = next(walk)
        child = os.fork()
        if not child:
            code = 1
            try:
                code = 0 if [page.index for page in walk] == list(range(1, 8)) else 2
            finally:
                os._exit(code)
        assert first.index == 0
        assert [page.index for page in walk] == list(range(1, 8))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    async def test_async_walks_do_not_block(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a"] * 6)
        longest, running = 0.0, True

        async def watch() -> None:
            nonlocal longest
            while running:
                start = time.monotonic()
                await asyncio.sleep(0.005)
                longest = max(longest, time.monotonic() - start)

        watcher = asyncio.create_task(watch())

        async def walk() -> list[int]:
            return [page.index async for page in aiter_pages(Source.of(path))]

        found = await asyncio.gather(walk(), walk())
        running = False
        await watcher
        assert found == [list(range(6))] * 2
        assert longest < 0.5

    def test_workers_end_with_their_parent(self, tmp_path: Path) -> None:
        path = scanned_pdf(tmp_path / "x.pdf", ["a"] * 8)
        code = (
            "import os, sys, psutil\n"
            "from langchain_hunyuanocr.pages import Source, iter_pages\n"
            "walk = iter_pages(Source.of(sys.argv[1])); next(walk)\n"
            "print(*[child.pid for child in psutil.Process().children()], flush=True)\n"
            "if sys.argv[2] == 'killed': os.kill(os.getpid(), 9)\n"
        )
        for how in ("finished", "killed"):
            done = subprocess.run(
                [sys.executable, "-c", code, str(path), how], capture_output=True, text=True, timeout=60
            )
            assert done.stderr == ""
            children = [int(pid) for pid in done.stdout.split()]
            assert children
            _, alive = psutil.wait_procs(
                [psutil.Process(pid) for pid in children if psutil.pid_exists(pid)], timeout=15
            )
            assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]

    def test_a_file_in_the_working_folder_is_not_imported(self, tmp_path: Path) -> None:
        scanned_pdf(tmp_path / "x.pdf", ["a"])
        (tmp_path / "json.py").write_text("raise SystemExit('taken over')")
        code = "from langchain_hunyuanocr.pages import *; print(count_pages(Source.of('x.pdf')))"
        done = subprocess.run(
            [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.stdout == "1\n", done.stderr


class TestHeld:
    """Bytes, pictures and what is fetched."""

    def test_bytes_and_pictures(self, tmp_path: Path) -> None:
        data = scanned_pdf(tmp_path / "x.pdf", ["a", "b"]).read_bytes()
        assert [page.source[:5] for page in pages_of(data)] == ["blob:"] * 2
        assert pages_of(picture("one"))[0].picture == picture("one")

    @pytest.fixture
    def temporary(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        return folder

    def test_temporary_files_go_when_a_walk_is_abandoned(self, tmp_path: Path, temporary: Path) -> None:
        data = scanned_pdf(tmp_path / "x.pdf", ["a"] * 3).read_bytes()
        walk = iter_pages(Source.of(data))
        next(walk)
        assert len(list(temporary.iterdir())) == 1
        del walk
        gc.collect()
        assert list(temporary.iterdir()) == []

    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[str]:
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        data = scanned_pdf(tmp_path / "served.pdf", ["a", "b"]).read_bytes()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/moved":
                    self.send_response(302)
                    self.send_header("Location", "/scan.pdf")
                    self.end_headers()
                elif self.path == "/round":
                    self.send_response(302)
                    self.send_header("Location", "/round")
                    self.end_headers()
                elif self.path in ("/scan.pdf", "/endless", "/slow"):
                    self.send_response(200)
                    self.end_headers()
                    try:
                        if self.path == "/scan.pdf":
                            self.wfile.write(data)
                        while self.path == "/endless":
                            self.wfile.write(bytes(65536))
                        if self.path == "/slow":
                            stop.wait(20)
                    except OSError:
                        return
                else:
                    self.send_error(404)

            def log_message(self, *_: object) -> None:
                return

        stop = threading.Event()
        running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        stop.set()
        running.shutdown()
        thread.join()
        running.server_close()

    def test_urls(self, server: str, temporary: Path) -> None:
        found = pages_of(f"{server}/moved")
        assert [(page.source, page.index) for page in found] == [(f"{server}/moved", 0), (f"{server}/moved", 1)]
        for path, settings, words in (
            ("/nothing.pdf", {}, r"nothing\.pdf: the server answers 404"),
            ("/round", {}, "redirects more than 5 times"),
            ("/endless", {"max_file_mb": 1}, "is larger than 1 MB"),
            ("/slow", {"timeout_s": 0.5}, r"was not fetched within 0\.5 s"),
        ):
            with pytest.raises(SourceError, match=words):
                pages_of(server + path, **settings)
        with pytest.raises(SourceError, match="cannot be fetched"):
            pages_of("http://127.0.0.1:9/refused.pdf")
        assert list(temporary.iterdir()) == []


def _request(path: str) -> dict[str, object]:
    return {"path": path, "password": None, "max_memory_mb": 4096, "timeout_s": 30}
