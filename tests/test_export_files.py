"""`destgraph export` as a program: where it writes, what it keeps, and what it refuses."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import destgraph
from destgraph.export.entities import TABLES
from destgraph.export.formats import FORMATS, format_of

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
SMALL = ("export", "--part", "ontology", "--format", "ntriples")


def run(*arguments: str | Path, limit: int | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the program, which can write files of at most `limit` bytes."""

    def small_files() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    return subprocess.run(
        [DESTGRAPH, *arguments], capture_output=True, check=False, preexec_fn=small_files if limit else None
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_file_folder_standard_output_and_gzip_hold_the_same(tmp_path: Path) -> None:
    """A folder gets the format's own file name; a name ending in .gz, and --gzip, compress."""
    shown = run(*SMALL)
    assert (shown.returncode, shown.stderr) == (0, b"")
    for target in ("a.nt", "", "b.nt.gz"):
        assert run(*SMALL, "-o", tmp_path / target).returncode == 0
    assert run(*SMALL, "--gzip", "-o", tmp_path).returncode == 0
    found = contents(tmp_path)
    assert found.keys() == {"a.nt", "destgraph.nt", "b.nt.gz", "destgraph.nt.gz"}
    plain = {name: gzip.decompress(data) if name.endswith(".gz") else data for name, data in found.items()}
    assert plain == dict.fromkeys(found, shown.stdout)
    assert gzip.decompress(run(*SMALL, "--gzip").stdout) == shown.stdout
    assert found["b.nt.gz"] == found["destgraph.nt.gz"]
    assert shown.stdout.count(b"\n") > 600


def test_the_suffix_names_the_format(tmp_path: Path) -> None:
    """Where --format does not; a folder and a name without a suffix get Turtle."""
    (tmp_path / "0.1.0").mkdir()
    names = {"a.nt": "ntriples", "a.jsonld": "jsonld", "a.rdf.gz": "rdfxml", "a": "turtle", "0.1.0": "turtle"}
    assert {name: format_of(tmp_path / name).name for name in names} == names
    assert run("export", "--part", "ontology", "-o", tmp_path / "a.nt.gz").returncode == 0
    assert gzip.decompress((tmp_path / "a.nt.gz").read_bytes()) == run(*SMALL).stdout


def test_tables_make_a_folder(tmp_path: Path) -> None:
    """A file each."""
    assert run("export", "--format", "csv", "-o", tmp_path / "tables").returncode == 0
    assert contents(tmp_path / "tables").keys() == {f"{name}.csv" for name in TABLES}


def test_an_existing_file_stays_without_force(tmp_path: Path) -> None:
    """Of several files none is written when one exists; with --force all are."""
    (tmp_path / "types.csv").write_text("mine")
    result = run("export", "--format", "csv", "-o", tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode() == f"destgraph: {tmp_path}/types.csv: the file exists; add --force to replace it\n"
    assert contents(tmp_path) == {"types.csv": b"mine"}
    assert run("export", "--format", "csv", "-o", tmp_path, "--force").returncode == 0
    assert contents(tmp_path).keys() == {f"{name}.csv" for name in TABLES}
    assert (tmp_path / "types.csv").read_bytes().startswith(b"type,iri,")


@pytest.mark.posix("limits on what a process may write")
@pytest.mark.parametrize("options", [["--format", "csv"], ["--format", "turtle"], ["--format", "turtle", "--gzip"]])
def test_a_full_disk_leaves_the_old_files(tmp_path: Path, options: list[str]) -> None:
    """One line that says so, and nothing half-written, be it one file or the last of several."""
    names = ["old.ttl"] if "csv" not in options else [f"{name}.csv" for name in TABLES]
    for name in names:
        (tmp_path / name).write_text("old")
    target = tmp_path / "old.ttl" if "csv" not in options else tmp_path
    result = run("export", *options, "-o", target, "--force", limit=20_000)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().endswith(": File too large; name a file in a folder that can be written\n")
    assert result.stderr.count(b"\n") == 1
    assert contents(tmp_path) == dict.fromkeys(names, b"old")


WAIT = """
import signal
import sys
from pathlib import Path
from destgraph.files import write_files

def writer(file):
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
write_files({Path(sys.argv[1]): writer}, force=True)
"""


@pytest.mark.posix("signals")
def test_a_kill_leaves_the_old_file(tmp_path: Path) -> None:
    """Killed in the middle, the old file is there as it was; interrupted, nothing else is left either."""
    target = tmp_path / "old.ttl"
    for sent, left in ((signal.SIGINT, 1), (signal.SIGKILL, 2)):
        target.write_text("old")
        command = [sys.executable, "-c", WAIT, str(target)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"writing\n"
            process.send_signal(sent)
            process.wait()
        assert target.read_text() == "old"
        assert len(list(tmp_path.iterdir())) == left


@pytest.mark.posix("permissions, /dev and named pipes")
def test_links_and_devices_stay_what_they_are(tmp_path: Path) -> None:
    """What a link leads to is replaced, with usual permissions or those it had; a pipe is written into."""
    (tmp_path / "real.nt").write_text("old")
    (tmp_path / "link.nt").symlink_to("real.nt")
    assert run(*SMALL, "-o", tmp_path / "link.nt", "--force").returncode == 0
    assert (tmp_path / "link.nt").is_symlink()
    shown = run(*SMALL).stdout
    assert (tmp_path / "real.nt").read_bytes() == shown
    (tmp_path / "usual").touch()
    assert (tmp_path / "real.nt").stat().st_mode == (tmp_path / "usual").stat().st_mode
    (tmp_path / "real.nt").chmod(0o600)
    assert run(*SMALL, "-o", tmp_path / "real.nt", "--force").returncode == 0
    assert (tmp_path / "real.nt").stat().st_mode & 0o777 == 0o600
    assert run(*SMALL, "-o", "/dev/stdout").stdout == shown
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen([DESTGRAPH, *SMALL, "-o", tmp_path / "pipe"]) as process:
        assert (tmp_path / "pipe").read_bytes() == shown
    assert process.returncode == 0


@pytest.mark.slow
def test_options_choose_destinations(tmp_path: Path) -> None:
    """A question with its parameters, a type and a category, each a restriction; own files count too."""
    (tmp_path / "own.ttl").write_text(
        "@prefix dg: <https://w3id.org/destgraph/ontology#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "<https://example.org/own> a dg:EdgePersonalizationDestination ; rdfs:label 'Own'@en ;"
        " dg:category <https://w3id.org/destgraph/category/personalization> .\n"
    )
    cases = {
        ("--type", "edge personalization"): {
            "adobe-commerce",
            "adobe-target-connection",
            "custom-personalization",
            "own",
        },
        ("--type", "edge-personalization", "--category", "data-partner"): None,
        ("--question", "on-platform", "platform=Adobe Target", "--type", "Extension"): {
            "adobe-target-extension",
            "adobe-target-v2-extension",
        },
    }
    for options, expected in cases.items():
        result = run("export", "--format", "jsonld", "--data", tmp_path / "own.ttl", *options)
        if expected is None:
            assert result.stderr.startswith(
                b"destgraph: no destination answers destinations-of-type and destinations-in"
            )
            continue
        objects = json.loads(result.stdout)["@graph"]
        first = [o["id"] for o in objects if o["id"].startswith(("destgraph:destination/", "https://example.org/"))]
        assert {id_.rpartition("/")[2] for id_ in first} == expected, options
        assert [o["id"] for o in objects[: len(first)]] == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "csv"], "csv is several files; name a folder with -o"),
        (["--format", "turtle", "--excel-safe"], "--excel-safe is for csv, not for turtle"),
        (["type=connection"], "'type=connection' belongs to no question; name one with --question"),
        (
            ["--question", "accepts-audiences", "people"],
            "'people' is not NAME=VALUE; write for example origin=custom-upload",
        ),
        (
            ["--question", "destinations-of-typ"],
            "no question 'destinations-of-typ'; did you mean destinations-of-type (",
        ),
        (["--type", "edgy"], "no type 'edgy'; did you mean edge-personalization ("),
        (["--part", "catalog", "--data", "none.ttl"], "none.ttl: No such file or directory; name a Turtle file"),
        (["--part", "catalog", "--data", "bad.ttl"], "bad.ttl:1:27: "),
        (["--data", "bad.ttl"], "bad.ttl:1:27: "),
        (["--format", "csv", "-o", "bad.ttl"], "bad.ttl: csv is several files; name a folder, and add --format"),
        (["-o", "all.csv"], "all.csv: csv is several files; name a folder, and add --format"),
        (
            ["-o", "all.txt"],
            "all.txt: .txt is no suffix of a format; add --format, or use one of .ttl, .nt, .nq, .trig",
        ),
        (["-o", "all.txt.gz"], "all.txt.gz: .txt is no suffix of a format"),
        (["--format", "nonsense"], "no format 'nonsense'; known are context, csv"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """With exit code 2 and nothing written."""
    monkeypatch.chdir(tmp_path)
    Path("bad.ttl").write_text("<https://example.org/a> a .")
    result = run("export", *arguments)
    assert (result.returncode, result.stdout) == (2, b"")
    assert message in result.stderr.decode()
    assert b"Traceback" not in result.stderr
    assert contents(tmp_path).keys() == {"bad.ttl"}


def test_a_scheme_needs_the_view_of_skos() -> None:
    """And a name that is none is told the nearest."""
    assert b"add --part skos" in run("export", "--scheme", "type").stderr
    assert b"did you mean" in run("export", "--part", "skos", "--scheme", "typ").stderr


@pytest.mark.slow
def test_python_writes_the_same_as_the_command(tmp_path: Path) -> None:
    """A file, a folder or a stream, with the options of the command; one word need not be a list."""
    stream = BytesIO()
    assert destgraph.write_export(stream, format="ntriples", parts="ontology") == []
    assert stream.getvalue() == run(*SMALL).stdout
    stream = BytesIO()
    assert destgraph.write_export(stream, format="ntriples", parts=["ontology"], gzip=True) == []
    assert stream.getvalue() == run(*SMALL, "--gzip").stdout
    options = ("--format", "csv", "--excel-safe", "--type", "edge-personalization", "--question", "on-platform")
    assert run("export", *options, "platform=Adobe Target", "-o", tmp_path / "command").returncode == 0
    written = destgraph.write_export(
        str(tmp_path / "python"),
        format="csv",
        excel_safe=True,
        types="edge-personalization",
        question="on-platform",
        parameters={"platform": "Adobe Target"},
    )
    assert [path.name for path in written] == [f"{name}.csv" for name in TABLES]
    assert contents(tmp_path / "python") == contents(tmp_path / "command")
    scheme = tmp_path / "type.ttl"
    assert destgraph.write_export(scheme, parts="skos", schemes="type") == [scheme]
    assert scheme.read_bytes() == run("export", "--part", "skos", "--scheme", "type").stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "turtel"}, "no format 'turtel'; did you mean turtle?"),
        ({"format": "csv"}, "csv is several files; name a folder with -o"),
        ({"parts": "all"}, "no part all; the parts are ontology, schemes, catalog, inferred, shapes, skos"),
        ({"parameters": {"type": "x"}}, "parameters type belong to no question; name it"),
        ({"schemes": "type"}, "add --part skos"),
    ],
)
def test_wrong_use_from_python_is_an_input_error(options: dict[str, Any], message: str) -> None:
    """And the stream stays empty."""
    stream = BytesIO()
    with pytest.raises(destgraph.InputError, match=re.escape(message)):
        destgraph.write_export(stream, **options)
    assert stream.getvalue() == b""


def test_help_names_each_format() -> None:
    """What can be chosen is listed."""
    shown = run("export", "--help").stdout.decode()
    assert all(name in shown for name in FORMATS)
