"""Passwords that need not stand on a command line."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from langchain_hunyuanocr.cli.export import _settings_of
from langchain_hunyuanocr.cli.main import main
from langchain_hunyuanocr.errors import ArchiveError


def test_a_pdf_is_opened_by_a_password_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.pdf"
    document = pymupdf.open()
    document.new_page().insert_text(
        (72, 100), "The lease of the northern quay ends in May, as was agreed.", fontsize=12
    )
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="s3cret", owner_pw="s3cret")
    monkeypatch.setattr("sys.argv", ["hunyuanocr", "read", str(path), "--engine", "rapid"])
    monkeypatch.setenv("HUNYUANOCR_PASSWORD", "s3cret")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "northern quay" in capsys.readouterr().out


def test_settings_of_kafka_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "kafka.conf"
    path.write_text("# of the cluster\nsasl.username=reader\n\nsasl.password=a=b\n")
    assert _settings_of(path) == {"sasl.username": "reader", "sasl.password": "a=b"}
    path.write_text("sasl.password\n")
    with pytest.raises(ArchiveError, match=r"setting 1 of .*kafka.conf is not understood"):
        _settings_of(path)
    with pytest.raises(ArchiveError, match="No such file"):
        _settings_of(tmp_path / "none")
