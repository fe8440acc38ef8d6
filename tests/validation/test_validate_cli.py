"""`destgraph validate` as a program: output, files, exit codes, revisions, interrupts, and no network."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from destgraph import InputError, cli, validation
from destgraph.validation import reports, since
from destgraph.validation.findings import Finding, Place, Report

ROOT = Path(__file__).parents[2]
DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
RUN = "from destgraph.cli import main; main()"
PREFIXES = "@prefix ex: <https://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n\n"
SHAPES = (
    PREFIXES
    + """\
ex:ThingShape a sh:NodeShape ;
    sh:targetClass ex:Thing ;
    sh:property ex:NameShape, ex:SizeShape, ex:ColorShape .

ex:NameShape a sh:PropertyShape ;
    sh:path ex:name ;
    sh:minCount 1 ;
    sh:message "A thing needs a name; add ex:name." .

ex:SizeShape a sh:PropertyShape ;
    sh:path ex:size ;
    sh:maxInclusive 9 ;
    sh:severity sh:Warning ;
    sh:message "A size above 9 is rare; check it." .

ex:ColorShape a sh:PropertyShape ;
    sh:path ex:color ;
    sh:in ( "red" "blue" ) ;
    sh:severity sh:Info ;
    sh:message "Only red and blue are shown." .
"""
)
DATA = (
    PREFIXES
    + """\
ex:a a ex:Thing ;
    ex:name "a" ;
    ex:size 5, 12 .

ex:b a ex:Thing ;
    ex:color "green" .
"""
)
FINE = PREFIXES + 'ex:a a ex:Thing ; ex:name "a" .\n'
OWN = ["--shapes", "shapes.ttl", "data.ttl"]
SAME_PLACE = "two formats cannot go to the same place; give each a file, as in json=FILE"
TEXT = """\
Validated 1 file with shapes from 1 file

data.ttl:6:16: warning: A size above 9 is rare; check it. [SizeShape]
    ex:a ex:size 12
data.ttl:8:1: error: A thing needs a name; add ex:name. [NameShape]
    ex:b ex:name

1 error, 1 warning, 1 note (listed with --notes); {rules}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with shapes and data that break each of them once."""
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    (tmp_path / "data.ttl").write_text(DATA)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repository(folder: Path) -> Path:
    """The same, committed."""
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Put all files of a folder into a git repository in it."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "--quiet", "--message", "all")


def git(folder: Path, *arguments: str) -> str:
    """Run git, without the settings of the user."""
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process, which has the libraries loaded; return exit code, output and errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["destgraph", "validate", *arguments])
        with pytest.raises(SystemExit) as exited:
            cli.main()
    return (int(exited.value.code or 0), *capsys.readouterr())


def rules_checked(output: str) -> str:
    """Return the end of the line that sums up, which changes with the rules there are."""
    return output.rpartition("; ")[2].rstrip()


def test_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line says what was validated, the last sums up; notes on demand."""
    assert folder == Path.cwd()
    code, output, errors = call(capsys, *OWN)
    assert (code, output, errors) == (1, TEXT.format(rules=rules_checked(output)), "")
    code, output, errors = call(capsys, *OWN, "--notes")
    assert output.splitlines()[-4] == "data.ttl:9:14: note: Only red and blue are shown. [ColorShape]"


@pytest.mark.parametrize(
    ("fail_on", "data", "code"),
    [
        ("error", DATA, 1),
        ("never", DATA, 0),
        ("error", DATA.replace("ex:color", 'ex:name "b" ; ex:color'), 0),
        ("warning", DATA.replace("ex:color", 'ex:name "b" ; ex:color'), 1),
        ("warning", DATA.replace("ex:color", 'ex:name "b" ; ex:color').replace(", 12", ""), 0),
        ("note", DATA.replace("ex:color", 'ex:name "b" ; ex:color').replace(", 12", ""), 1),
        ("note", FINE, 0),
        ("never", DATA + "ex:c a", 2),
    ],
)
def test_fail_on(folder: Path, capsys: pytest.CaptureFixture[str], fail_on: str, data: str, code: int) -> None:
    """The exit code follows the least severity that counts; an input that cannot be read is 2 whatever counts."""
    (folder / "data.ttl").write_text(data)
    assert call(capsys, *OWN, "--fail-on", fail_on)[0] == code


def test_formats_go_to_files_and_hold_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several formats in one run; text goes to standard output beside files; an old file is replaced as a whole."""
    (folder / "out").mkdir()
    (folder / "out" / "json").write_text("old")
    wanted = [option for name in reports.FORMATS for option in ("--format", f"{name}=out/{name}")]
    code, output, errors = call(capsys, *OWN, *wanted)
    assert (code, output, errors) == (1, TEXT.format(rules=rules_checked(output)), "")
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(reports.FORMATS)
    report = validation.validate(["data.ttl"], shapes=["shapes.ttl"])
    for name, write in reports.FORMATS.items():
        assert (folder / "out" / name).read_text(encoding="utf-8") == write(report)
    assert call(capsys, *OWN, "--format", "github", "--format", "json=out/json")[1] == reports.to_github(report)


def test_github_adds_a_summary_of_the_job(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where GitHub names a file for it, after what other steps wrote."""
    (folder / "summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    call(capsys, *OWN, "--format", "github")
    report = validation.validate(["data.ttl"], shapes=["shapes.ttl"])
    assert (folder / "summary.md").read_text(encoding="utf-8") == "before\n" + reports.to_markdown(report)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--format", "sarf"], "no format 'sarf'; did you mean sarif?"),
        (["--format", "json="], "'json=' names no file; write for example json=report.json"),
        (["--format", "json", "--format", "text"], SAME_PLACE),
        (["--format", "json=out", "--format", "sarif=out"], SAME_PLACE),
        ([*OWN, "--rule", "NameShap"], "no rule 'NameShap'; did you mean NameShape?"),
        (["--shapes", "shapes.ttl", "--describe", "SizShape"], "no rule 'SizShape'; did you mean SizeShape?"),
        (["none.ttl"], "none.ttl: there is no such file or folder; correct the path"),
        ([*OWN, "--new-since", "nothing"], "no revision 'nothing' in this repository; name a commit, branch or tag, "
         "and in CI fetch it first"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(
    repository: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    """On standard error, with exit code 2, before anything is printed."""
    assert repository == Path.cwd()
    assert call(capsys, *arguments) == (2, "", f"destgraph: {line}\n")


def test_a_report_that_cannot_be_written_does_not_cost_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes to standard output is printed first."""
    assert folder == Path.cwd()
    code, output, errors = call(capsys, *OWN, "--format", "json=no/such/folder.json")
    assert (code, output) == (2, TEXT.format(rules=rules_checked(output)))
    reason = "No such file or directory; name a file in a folder that can be written"
    assert errors == f"destgraph: no/such/folder.json: {reason}\n"


def test_rule_and_description(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One rule alone, and what is known of it."""
    assert folder == Path.cwd()
    _, output, _ = call(capsys, *OWN, "--rule", "NameShape", "--rule", "ColorShape", "--format", "json")
    document = json.loads(output)
    assert [finding["rule"] for finding in document["findings"]] == ["NameShape", "ColorShape"]
    assert [rule["id"] for rule in document["rules"]] == ["ColorShape", "NameShape"]
    code, output, errors = call(capsys, "--describe", "missing_label")
    assert (code, errors) == (0, "")
    assert output.startswith(
        "missing_label (error)\n  problem: A term, concept or described thing has no label. Without a label, "
    )
    assert "\n  solution: Add an rdfs:label" in output
    assert "\n  source: OOPS! P08; " in output
    assert "\n\nPREFIX dg: <https://w3id.org/destgraph/ontology#>\n" in output
    assert "\nORDER BY ?entity ?property ?value\n\nFor example wrong:\n\n@prefix " in output
    assert "\n\nFor example right:\n\n@prefix " in output
    _, output, _ = call(capsys, "--shapes", "shapes.ttl", "--describe", "NameShape")
    assert output.startswith("NameShape (error)\n")
    assert "\n\nex:NameShape a sh:PropertyShape ;\n    sh:path ex:name ;\n" in output


def test_new_since_shows_what_a_change_brings(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Moved and old findings are left out; a deletion that breaks another line, and a new file, are not."""
    assert call(capsys, *OWN, "--new-since", "HEAD")[:2][0] == 0
    before = git(repository, "status", "--porcelain", "--untracked-files=all") + git(repository, "worktree", "list")
    changed = DATA.replace('    ex:name "a" ;\n', "").replace("ex:b", "\n\nex:b")
    (repository / "data.ttl").write_text(changed)
    (repository / "more.ttl").write_text(PREFIXES + "ex:c a ex:Thing .\n")
    code, output, errors = call(capsys, *OWN, "more.ttl", "--new-since", "HEAD")
    commit_id = git(repository, "rev-parse", "HEAD")[:10]
    assert (code, output, errors) == (
        1,
        f"""\
Validated 2 files with shapes from 1 file; only what is new since HEAD ({commit_id})

data.ttl:4:1: error: A thing needs a name; add ex:name. [NameShape]
    ex:a ex:name

more.ttl:4:1: error: A thing needs a name; add ex:name. [NameShape]
    ex:c ex:name

2 errors; {rules_checked(output)}
""",
        "",
    )
    (repository / "data.ttl").write_text(DATA)
    (repository / "more.ttl").unlink()
    after = git(repository, "status", "--porcelain", "--untracked-files=all") + git(repository, "worktree", "list")
    assert after == before


def test_new_since_from_python(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same report as from the command, of a folder that need not be the working folder."""
    (repository / "data.ttl").write_text(DATA + "ex:c a ex:Thing .\n")
    here = validation.validate([Path("data.ttl")], shapes=["shapes.ttl"], new_since="HEAD")
    assert [(finding.place.file, finding.place.line) for finding in here.findings] == [("data.ttl", 10)]
    monkeypatch.chdir("/")
    there = validation.validate(["data.ttl"], shapes=["shapes.ttl"], folder=repository, new_since="HEAD")
    assert there == here
    with pytest.raises(InputError, match="no revision 'nothing' in this repository"):
        validation.validate(["data.ttl"], shapes=["shapes.ttl"], folder=repository, new_since="nothing")


def test_describe_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a rule of the program too: what it finds, and the same put right."""
    code, output, errors = call(capsys, "--describe", "relative_iri")
    assert (code, errors) == (0, "")
    bad, good = output.split("\n\nFor example wrong:\n\n")[1].split("\n\nFor example right:\n\n")
    assert '\n<bing> rdfs:label "Bing"@en .' in bad
    assert '\n<https://w3id.org/destgraph/destination/bing> rdfs:label "Bing"@en .\n' in good


def test_new_since_in_a_subfolder_with_shapes_outside(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths mean the same in both revisions, and a file outside the repository is the same file."""
    inner = repository / "inner"
    inner.mkdir()
    (inner / "data.ttl").write_text(DATA)
    commit(repository)
    outside = repository.with_name(f"{repository.name}-outside.ttl")
    outside.write_text(SHAPES)
    (inner / "data.ttl").write_text(DATA + "ex:c a ex:Thing .\n")
    monkeypatch.chdir(inner)
    for name in ("data.ttl", str(inner / "data.ttl"), "../inner/data.ttl"):
        code, output, _ = call(capsys, "--shapes", str(outside), name, "--new-since", "HEAD")
        assert code == 1
        assert re.findall(r"^data\.ttl:\d+:\d+: error", output, re.MULTILINE) == ["data.ttl:10:1: error"]


def test_new_since_says_when_the_old_revision_cannot_be_read(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old findings may then pass for new ones."""
    (repository / "data.ttl").write_text(DATA + "ex:c a")
    commit(repository)
    (repository / "data.ttl").write_text(DATA)
    _, output, _ = call(capsys, *OWN, "--new-since", "HEAD")
    assert output.startswith("Validated 1 file with shapes from 1 file; only what is new since HEAD (")
    assert "), which cannot be read in full, so that old findings may be among them\n" in output


def test_new_since_needs_git_and_a_repository(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear line each."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    code, output, errors = call(capsys, *OWN, "--new-since", "HEAD")
    assert (code, output) == (2, "")
    assert errors.startswith("destgraph: no revision to compare with here; run it inside a git repository (git ")
    monkeypatch.setenv("PATH", str(folder))
    code, output, errors = call(capsys, *OWN, "--new-since", "HEAD")
    assert (code, output) == (2, "")
    assert errors.endswith(" (git is not installed)\n")


def test_a_second_finding_of_a_kind_is_new() -> None:
    """Equal fingerprints are counted."""

    def report(lines: list[int]) -> Report:
        places = [Place("a.ttl", line, 1, line, 2) for line in lines]
        return Report("", tuple(Finding("r", "error", "<urn:s>", "", "", "", place, "") for place in places), ())

    assert since.new(report([5, 9, 12]), report([4, 8])) == report([12])
    assert since.new(report([5]), report([4, 8])) == report([])
    assert since.new(report([5]), report([])) == report([5])


@pytest.mark.parametrize(
    ("data", "code", "shown"),
    [
        (FINE, 0, "no findings; "),
        (DATA, 1, "1 error, 1 warning, 1 note (listed with --notes); "),
        (DATA + "ex:c a", 2, "an input cannot be read, so findings may be missing"),
    ],
)
def test_exit_codes(folder: Path, data: str, code: int, shown: str) -> None:
    """Of the installed program: fine, findings, and an unreadable file beside which the other is still reported."""
    (folder / "data.ttl").write_text(data)
    (folder / "other.ttl").write_text(DATA.replace("ex:b", "ex:d"))
    arguments = [*OWN, "other.ttl"] if code == 2 else OWN
    result = subprocess.run([DESTGRAPH, "validate", *arguments], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (code, "")
    assert shown in result.stdout.splitlines()[-1]
    if code == 2:
        assert "data.ttl:10:7: error: " in result.stdout
        assert "other.ttl:8:1: error: A thing needs a name; add ex:name. [NameShape]" in result.stdout


@pytest.mark.linux("a fork of this program")
def test_a_bug_is_one_finding(folder: Path) -> None:
    """Never a traceback; the other findings are still there."""
    broken = "from destgraph.validation import documents; documents.Document.iris = property(lambda _: 1 / 0); "
    result = subprocess.run(
        [sys.executable, "-c", broken + RUN, "validate", *OWN], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (4, "")
    found = [line for line in result.stdout.splitlines() if ": error: " in line]
    assert found == [
        f"data.ttl: error: checking files was stopped: a fault of destgraph came to light with {rule};"
        " please report it (ZeroDivisionError: division by zero, <string>:1) [not_finished]"
        for rule in ("relative_iri", "unknown_term")
    ] + ["data.ttl:8:1: error: A thing needs a name; add ex:name. [NameShape]"]


@pytest.mark.posix("signals")
def test_an_interrupt_leaves_nothing_behind(repository: Path) -> None:
    """Exit code 130 without a traceback; the other revision's process and files go too."""
    for name in ("ontology", "data", "queries"):
        shutil.copytree(ROOT / name, repository / name)
    commit(repository)
    temporary = repository.with_name(f"{repository.name}-temporary")
    temporary.mkdir()
    process = subprocess.Popen(
        [DESTGRAPH, "validate", "--new-since", "HEAD"],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(temporary.glob("*/files/queries/rules/*/rule.rq")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert (process.returncode, output, errors.strip()) == (130, "", "")
    assert list(temporary.iterdir()) == []


@pytest.mark.posix("bash")
def test_a_closed_pipe_ends_quietly(folder: Path) -> None:
    """`destgraph validate | head -1` prints one line and no complaint."""
    assert folder == Path.cwd()
    command = f"'{DESTGRAPH}' validate {' '.join(OWN)} | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607
    assert (result.stdout, result.stderr) == ("Validated 1 file with shapes from 1 file\n", "")


@pytest.mark.slow
@pytest.mark.linux("a fork of this program")
def test_a_terminal_shows_progress_and_places(folder: Path) -> None:
    """After a second, what is being done and for how long, wiped afterwards; lines of the file with marks below."""
    assert folder == Path.cwd()
    slow = """
import threading
from destgraph.validation import engine
from destgraph.validation.steps import Step
run = engine.run

def late(scope, rules, engine, watch):
    watch.take(Step("applying shapes"))
    threading.Event().wait(2.5)
    return run(scope, rules, engine, watch)

engine.run = late
"""
    master, slave = os.openpty()
    process = subprocess.Popen([sys.executable, "-c", slow + RUN, "validate", *OWN], stdout=slave, stderr=slave)
    os.close(slave)
    seen = b""
    try:
        while part := os.read(master, 4096):
            seen += part
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(master)
    assert process.wait() == 1
    shown = seen.decode().replace("\r\n", "\n")
    assert "\rapplying shapes, 1 s" in shown
    assert (
        "data.ttl:6:16: warning: A size above 9 is rare; check it. [SizeShape]\n"
        "    6 |     ex:size 5, 12 .\n"
        "      |                ^^\n".replace("      |", "       ")
    ) in shown.replace("      |", "       ")


def test_nothing_is_fetched(repository: Path) -> None:
    """Imports, contexts, FROM and SERVICE of a stranger reach no socket, in this revision and the other."""
    (repository / "guard").mkdir()
    (repository / "guard" / "sitecustomize.py").write_text(
        """
import os
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        os.write(2, f"network used: {event} {arguments}\\\\n".encode())
        os._exit(99)

sys.addaudithook(refuse)
"""
    )
    (repository / "shapes.ttl").write_text(
        SHAPES
        + """
<http://127.0.0.1:9/ontology> a <http://www.w3.org/2002/07/owl#Ontology> ;
    <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/imported> ;
    sh:shapesGraph <http://127.0.0.1:9/shapes> .

ex:ThingShape sh:sparql [ sh:message "Reaches out." ;
    sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/sparql> { $this ?p ?o } }" ] .
"""
    )
    (repository / "data.ttl").write_text(
        DATA + "<> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/data> .\n"
    )
    (repository / "data.jsonld").write_text('{"@context": "http://127.0.0.1:9/context", "@id": "urn:x"}')
    (repository / "reach.rq").write_text("SELECT * FROM <http://127.0.0.1:9/graph> { ?s ?p ?o }")
    commit(repository)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(repository / "guard"), *filter(None, sys.path)])}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    arguments = ["validate", *OWN, "data.jsonld", "reach.rq", "--new-since", "HEAD"]
    for given in (arguments, arguments[:-2]):
        result = run("-c", RUN, *given)
        assert result.returncode in {1, 2}, result.stderr
        assert "network used" not in result.stderr
    assert run("-c", "import socket; socket.create_connection(('127.0.0.1', 9))").returncode == 99


def test_output_does_not_depend_on_the_hash_seed(folder: Path) -> None:
    """Two seeds, all formats, byte for byte."""
    lines = [f'ex:t{n} a ex:Thing ; ex:size {n}, 1{n} ; ex:color "c{n}", "d{n}" .\n' for n in range(5)]
    (folder / "data.ttl").write_text(DATA + "".join(lines))
    written = []
    for seed in ("1", "2"):
        wanted = [option for name in reports.FORMATS for option in ("--format", f"{name}=out.{name}")]
        result = subprocess.run(
            [DESTGRAPH, "validate", *OWN, *wanted],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (1, b"")
        written.append([result.stdout, *((folder / f"out.{name}").read_bytes() for name in reports.FORMATS)])
    assert written[0] == written[1]


def test_a_file_name_that_is_no_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is escaped, in each format."""
    name = os.fsdecode(b"\xff %.ttl")
    (folder / name).write_text(DATA)
    for format_ in reports.FORMATS:
        code, output, errors = call(capsys, "--shapes", "shapes.ttl", name, "--format", format_)
        assert (code, errors) == (1, "")
        assert "udcff" in output


def test_python_returns_the_report(folder: Path) -> None:
    """`destgraph.validate` gives the findings and prints nothing; a wrong path is an InputError."""
    import destgraph

    report = destgraph.validate([folder / "data.ttl"], shapes=[folder / "shapes.ttl"])
    assert [(finding.rule, finding.place.line) for finding in report.findings] == [
        ("SizeShape", 6),
        ("NameShape", 8),
        ("ColorShape", 9),
    ]
    with pytest.raises(InputError, match="no such file"):
        destgraph.validate(["none.ttl"])
