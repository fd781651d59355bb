"""What a source offers: folders, globs and archives on any file system, and clear words where there is none."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from enterprise.errors import SourceUnreachableError
from etl.landing import landing_name
from etl.sources.listing import offered_files

HOSTILE = ("../../etc/calls-2.csv", "/abs/calls-4.csv", "sub/../../calls-5.csv", "c:\\calls-6.csv")


def archive(folder: Path, first: bytes = b"a,b\n1,2\n") -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("calls-1.csv", first)
        for name in HOSTILE:
            file.writestr(name, b"a,b\n")
    return path


def test_files_of_a_folder_come_in_order_and_hidden_ones_not(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".a.csv.swp"):
        (tmp_path / name).write_text("x")
    (tmp_path / "deeper").mkdir()
    assert [file.name for file in offered_files("s", [str(tmp_path)])] == ["a.csv", "b.csv"]


def test_files_in_an_archive_are_offered_under_harmless_names(tmp_path: Path) -> None:
    found = offered_files("s", [f"zip://**/*calls-*.csv::{archive(tmp_path)}"])
    assert len(found) == 1 + len(HOSTILE)
    landed = [landing_name("0" * 64, file.name) for file in found]
    assert all("/" not in name and "\\" not in name and not name.startswith(".") for name in landed)


def test_an_archive_whose_content_changed_but_not_its_size_is_noticed(tmp_path: Path) -> None:
    place = f"zip://calls-*.csv::{archive(tmp_path)}"
    (before,) = offered_files("s", [place])
    archive(tmp_path, b"a,b\n9,9\n")
    (after,) = offered_files("s", [place])
    assert (before.place, before.size_bytes) == (after.place, after.size_bytes)
    assert before.modified != after.modified


def test_what_is_no_archive_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nonsense")
    with tarfile.open(tmp_path / "whole.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "x.zip", "calls-1.csv")
    (tmp_path / "x.tar.gz").write_bytes((tmp_path / "whole.tar.gz").read_bytes()[:40])
    for place in (f"zip://*.csv::{tmp_path}/x.zip", f"tar://*.csv::{tmp_path}/x.tar.gz", f"zip://*.csv::{tmp_path}/none.zip"):
        with pytest.raises(SourceUnreachableError, match=r"sources\.s: .*cannot be listed"):
            offered_files("s", [place])


@pytest.mark.parametrize("url", ["nosuch://x/y", "sftp://planner:s3cret@127.0.0.1:1/acd/*", "http://127.0.0.1:1/"])
def test_a_place_that_cannot_be_reached_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SourceUnreachableError) as caught:
        offered_files("s", [url])
    assert "s3cret" not in str(caught.value)


def test_a_folder_that_is_not_mounted_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachableError, match=r"the folder .* does not exist"):
        offered_files("s", [f"{tmp_path}/share/acd/*.csv"])


def test_a_link_that_leads_nowhere_or_in_a_ring_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "ring.csv").symlink_to(tmp_path / "ring.csv")
    (tmp_path / "a.csv").write_text("x")
    assert [file.name for file in offered_files("s", [f"{tmp_path}/*.csv"])] == ["a.csv"]
