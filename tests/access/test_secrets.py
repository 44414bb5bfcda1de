import os
import traceback
from pathlib import Path

import pytest

from bot.access.secrets import SecretReference, resolve
from bot.model.problem import Problem


def _reason(reference: str, environ: dict[str, str], directory: Path) -> str:
    with pytest.raises(Problem) as raised:
        resolve(reference, environ, directory)
    assert raised.value.code == "access.secret_missing"
    assert raised.value.facts["reference"] == reference
    assert "planted" not in "".join(traceback.format_exception(raised.value))
    return raised.value.facts["reason"]


def test_a_secret_of_the_environment(tmp_path: Path) -> None:
    assert resolve("env:KEY", {"KEY": "value"}, tmp_path).get_secret_value() == "value"


def test_a_secret_in_a_file_beside_the_book(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("value\r\n")

    assert resolve("file:key", {}, tmp_path).get_secret_value() == "value"


def test_a_secret_in_a_file_anywhere(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("value")

    assert resolve(f"file:{tmp_path}/key", {}, Path("/nowhere")).get_secret_value() == "value"


def test_a_secret_is_read_anew_each_time(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("old")
    resolve("file:key", {}, tmp_path)
    (tmp_path / "key").write_text("new")

    assert resolve("file:key", {}, tmp_path).get_secret_value() == "new"


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    assert "planted" not in repr(resolve("env:KEY", {"KEY": "planted"}, tmp_path))


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    assert _reason("env:KEY", {"OTHER": "planted"}, tmp_path) == "is not set"


@pytest.mark.parametrize("value", ["planted\nx: y", " planted", "planted\x00", "plantedé", "plan ted\tplanted"])
def test_a_value_that_no_header_takes(tmp_path: Path, value: str) -> None:
    assert "no secret has" in _reason("env:KEY", {"KEY": value}, tmp_path)


@pytest.mark.parametrize("value", ["", "\n"])
def test_an_empty_value(tmp_path: Path, value: str) -> None:
    assert _reason("env:KEY", {"KEY": value}, tmp_path) == "is empty"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert _reason("file:key", {}, tmp_path) == "cannot be read: No such file or directory"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"planted\xff")

    assert _reason("file:key", {}, tmp_path) == "is not plain text"


def test_a_file_that_is_too_large_to_be_a_secret(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("planted" * 2000)

    assert _reason("file:key", {}, tmp_path) == "is larger than 8192 bytes"


def test_a_file_that_everybody_may_write(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("planted")
    (tmp_path / "key").chmod(0o666)

    assert _reason("file:key", {}, tmp_path) == "may be changed by every user of this machine"


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key")

    assert _reason("file:key", {}, tmp_path) == "is not a regular file"


@pytest.mark.parametrize("reference", ["planted", "vault:planted", "file:", "", "KEY:planted"])
def test_what_is_not_a_reference_is_not_shown(tmp_path: Path, reference: str) -> None:
    with pytest.raises(Problem) as raised:
        resolve(reference, {"planted": "value"}, tmp_path)

    assert raised.value.facts == {"reference": "", "reason": "is not of the form env:NAME or file:PATH"}


@pytest.mark.parametrize("text", ["env:A_b1", "env:_X", "file:a", "file:/run/secrets/a b", "file:../a"])
def test_references(text: str) -> None:
    assert SecretReference(text) == text


@pytest.mark.parametrize("text", ["env:", "env:1", "env:A-B", "file:", "file:a\n", "file:a\x00b", "A", "env:A\n"])
def test_no_references(text: str) -> None:
    with pytest.raises(ValueError, match="not a SecretReference"):
        SecretReference(text)
