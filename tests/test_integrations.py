"""What is ready to use: the pre-commit hook, the GitHub Action, the snippets of docs/validate.md and its example."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from expected import ADVICE, Expected
from small import FILES, HEAD, written

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
DOCUMENT = ROOT / "docs" / "validate.md"
DOCS = DOCUMENT.read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PACKAGE = ("src", "ontology", "data", "queries", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
SHAPES = """\
@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:ThingShape a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property ex:NameShape .
ex:NameShape a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:message "Add ex:name." .
"""
OWN = HEAD + 'destination:mine a dg:Connection ;\n    rdfs:label "Mine"@en ;\n    dg:status "ga" .\n'
DATA = "@prefix ex: <https://example.org/> .\nex:a a ex:Thing .\n"


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program, with git free of the user's settings and the programs of this environment first."""
    base = {
        **os.environ,
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "n"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "n@example.org"),
    }
    return subprocess.run(command, cwd=cwd, env=base | environment, capture_output=True, text=True, check=False)


def commit(folder: Path) -> None:
    """Make a folder a git repository with the branch `main` that holds all its files."""
    for arguments in (("init", "--quiet", "-b", "main"), ("add", "--all"), ("commit", "--quiet", "-m", "all")):
        result = run("git", *arguments, cwd=folder)
        assert result.returncode == 0, result.stderr


def copy(target: Path, *names: str) -> Path:
    """Copy files and folders of this repository, and commit them."""
    target.mkdir()
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (target / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    commit(target)
    return target


def block(kind: str, containing: str) -> str:
    """Return the one block of the documentation of a kind that contains a text."""
    (found,) = (body for name, body in BLOCKS if name == kind and containing in body)
    return found


def test_documented_example(tmp_path: Path, expected_files: Expected) -> None:
    """The change that docs/validate.md shows gives what it shows."""
    # Two of the files of the catalog, for speed: what the others lack is no news.
    change = block("diff", "data/")
    data = sorted(set(re.findall(r"^\+\+\+ b/(.*)$", change, re.MULTILINE)))
    folder = copy(tmp_path / "graph", "ontology", "queries", *data)
    (tmp_path / "change.diff").write_text(change, encoding="utf-8")
    assert run("git", "apply", "../change.diff", cwd=folder).stderr == ""
    options = ("--new-since", "main", "--format", "github", "--format", "text=../text")
    summary = tmp_path / "summary"
    result = run("destgraph", "validate", *options, cwd=folder, GITHUB_STEP_SUMMARY=str(summary))
    assert (result.returncode, result.stderr) == (1, "")
    shown = {
        r"^```text\n(Validated the graph.*?)^```$": (tmp_path / "text").read_text(encoding="utf-8"),
        r"^```text\n(::error.*?)^```$": result.stdout,
        r"^(\*\*destgraph validate\*\*\n.*)\Z": summary.read_text(encoding="utf-8").replace(
            "### destgraph validate", "**destgraph validate**"
        ),
    }
    commit_id = run("git", "rev-parse", "main", cwd=folder).stdout[:10]
    for pattern, text in shown.items():
        told = re.sub(r"\d+ rules", "N rules", text.replace(commit_id, "0123456789"))
        assert told == expected_files.part(DOCUMENT, pattern, told), ADVICE


def test_documented_options() -> None:
    """The table of options has each option of the command, and no other."""
    shown = run("destgraph", "validate", "--help", cwd=ROOT).stdout
    options = set(re.findall(r"(?:^  |, )(--[\w-]+)", shown, re.MULTILINE))
    assert set(re.findall(r"^\| `(--[\w-]+)", DOCS, re.MULTILINE)) == options
    assert len(options) == 17


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ((ROOT / "action.yml").read_text(encoding="utf-8"), ["vendor.github-actions"]),
        (block("yaml", "pull_request\n"), ["vendor.github-workflows"]),
        (block("yaml", "image:"), ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
    ids=["action", "workflow", "gitlab"],
)
def test_configuration_fits_its_schema(tmp_path: Path, text: str, schema: list[str]) -> None:
    """The action and the snippets are what GitHub and GitLab take."""
    (tmp_path / "file.yml").write_text(text, encoding="utf-8")
    result = run("check-jsonschema", "--builtin-schema", *schema, "file.yml", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_hook_fits_pre_commit(tmp_path: Path) -> None:
    """So do the hook and the configuration that names it."""
    (tmp_path / "config.yaml").write_text(block("yaml", "repos:"), encoding="utf-8")
    assert run("pre-commit", "validate-config", "config.yaml", cwd=tmp_path).returncode == 0
    result = run("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (wanted,) = yaml.safe_load(block("yaml", "repos:"))["repos"][0]["hooks"]
    assert hook["id"] == wanted["id"]


def foreign(folder: Path) -> dict[str, str]:
    """Make a repository of own data without a graph, and return what makes a small graph the installed one."""
    written(folder.with_name("graph"), FILES)
    written(
        folder, {"own.ttl": OWN, "old.ttl": OWN.replace("mine", "old").replace('"ga"', '"old"'), "notes.md": "text"}
    )
    commit(folder)
    return {"DESTGRAPH_ROOT": str(folder.with_name("graph"))}


@pytest.mark.slow
def test_hook_in_a_foreign_repository(tmp_path: Path) -> None:
    """It checks the files that changed with the installed graph, and fails on errors in them alone."""
    user = tmp_path / "user"
    installed = foreign(user)
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    config = {"repos": [{"repo": "local", "hooks": [hook | {"language": "system"}]}]}
    (user / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))

    def committing(**texts: str) -> subprocess.CompletedProcess[str]:
        for name, text in texts.items():
            (user / name.replace("_", ".")).write_text(text)
        assert run("git", "add", "--all", cwd=user).returncode == 0
        home = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
        return run("pre-commit", "run", "--verbose", cwd=user, **installed | home)

    assert "(no files to check)Skipped" in committing(notes_md="other").stdout
    result = committing(own_ttl=OWN.replace('"ga"', '"gone"'))
    assert result.returncode == 1
    assert "own.ttl:7:15: error: dg:status: say ga or beta. [StatusShape]" in result.stdout
    assert "old.ttl" not in result.stdout
    result = committing(own_ttl=OWN.replace('"ga"', '"beta"'))
    assert (result.returncode, "Validated 1 file, as own data" in result.stdout) == (0, True)


@pytest.mark.slow
@pytest.mark.posix("bash")
def test_action_in_a_foreign_repository(tmp_path: Path) -> None:
    """It checks the files that differ from the revision; without one it says what to name."""
    user = tmp_path / "user"
    (tmp_path / "destgraph" / "bin").mkdir(parents=True)
    (tmp_path / "destgraph" / "bin" / "destgraph").symlink_to(SCRIPTS / "destgraph")
    installed = {"RUNNER_TEMP": str(tmp_path)} | foreign(user)
    result = run_step("Validate", user, {}, **installed | {"DESTGRAPH_ROOT": ""})
    assert (result.returncode, result.stdout) == (2, "")
    assert "no graph of destgraph in . or above it; name the files to validate" in result.stderr
    since = {"new-since": "main"}
    nothing = run_step("Validate", user, since, **installed | {"DESTGRAPH_ROOT": ""})
    assert (nothing.returncode, "no file, as none of RDF or queries has changed" in nothing.stdout) == (0, True)
    (user / "own.ttl").write_text(OWN.replace('"ga"', '"gone"'))
    (user / "new.ttl").write_text(OWN.replace("mine", "new"))
    result = run_step("Validate", user, since, **installed)
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith(
        "::error file=own.ttl,line=7,endLine=7,col=15,endColumn=21,title=StatusShape::dg:status: say ga or beta.\n"
    )
    assert "- validated 2 files, as own data" in result.stdout


def step(name: str) -> dict[str, Any]:
    """Return a step of the action."""
    (found,) = (step for step in ACTION["runs"]["steps"] if step.get("name") == name)
    return dict(found)


def run_step(name: str, cwd: Path, inputs: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub does: bash with -e and pipefail, inputs put into the variables of the step."""
    values = {key: str(field.get("default", "")) for key, field in ACTION["inputs"].items()} | inputs
    given = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)
        for key, text in step(name).get("env", {}).items()
    }
    assert "${{" not in step(name)["run"]
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step(name)["run"]]
    return run(*command, cwd=cwd, **given | environment)


@pytest.mark.slow
@pytest.mark.posix("bash")
def test_action_validates(tmp_path: Path) -> None:
    """Annotations, SARIF file, summary and exit code; an input is a value, whatever shell it looks like."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "own shapes.ttl").write_text(SHAPES)
    (folder / "$(touch gone) x.ttl").write_text(DATA)
    commit(folder)
    (tmp_path / "destgraph" / "bin").mkdir(parents=True)
    (tmp_path / "destgraph" / "bin" / "destgraph").symlink_to(SCRIPTS / "destgraph")
    inputs = {"paths": "$(touch gone) x.ttl\n", "shapes": "own shapes.ttl"}
    places = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    result = run_step("Validate", folder, inputs, **places)
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith(
        "::error file=$(touch gone) x.ttl,line=2,endLine=2,col=1,endColumn=5,title=NameShape::Add ex:name.\n"
    )
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [".git", "own shapes.ttl", "$(touch gone) x.ttl", "destgraph.sarif"]
    )
    assert "Add ex:name." in (tmp_path / "summary.md").read_text(encoding="utf-8")
    cases = {"fail-on": ("never", 0), "new-since": ("HEAD", 0), "timeout": ("0", 2), "memory": ("none", 2)}
    for name, (value, code) in [*cases.items(), ("new-since", ("none", 2))]:
        assert run_step("Validate", folder, inputs | {name: value}, **places).returncode == code


@pytest.mark.posix("bash")
def test_gitlab_snippet_validates(tmp_path: Path) -> None:
    """The command of the snippet, on a graph without git history to compare with, writes what it gives to GitLab."""
    job = yaml.safe_load(block("yaml", "image:"))["validate"]
    (command,) = (line for line in job["script"] if line.startswith("destgraph "))
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    (tmp_path / "data.ttl").write_text(DATA)
    commit(tmp_path)
    (tmp_path / "data.ttl").write_text(DATA + "ex:b a ex:Thing .\n")
    variables = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": run("git", "rev-parse", "HEAD", cwd=tmp_path).stdout.strip()}
    result = run("bash", "-c", f"{command} --shapes shapes.ttl data.ttl", cwd=tmp_path, **variables)
    assert (result.returncode, result.stderr) == (1, "")
    report = (tmp_path / job["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8")
    assert "data.ttl:3:1: error: Add ex:name. [NameShape]" in report
    assert "data.ttl:2:1" not in report


@pytest.mark.nightly
def test_hook_runs_from_a_repository(tmp_path: Path) -> None:
    """pre-commit installs the package from a repository and runs the hook on a change that breaks a graph."""
    repository = copy(tmp_path / "destgraph", *PACKAGE)
    user = copy(tmp_path / "user", "ontology", "data", "queries")
    path = user / "data" / "warehouses.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("status:limited ;", "status:limitd ;"), encoding="utf-8")
    assert run("git", "add", "--all", cwd=user).returncode == 0
    command = ("pre-commit", "try-repo", repository, "destgraph-validate", "--verbose")
    result = run(*command, cwd=user, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "- exit code: 1\n" in result.stdout
    assert re.search(r"^data/warehouses\.ttl:\d+:\d+: error: .*status:limitd", result.stdout, re.MULTILINE)


@pytest.mark.posix("bash")
@pytest.mark.nightly
def test_action_installs(tmp_path: Path) -> None:
    """The action installs the package from its own folder, and what it installs runs."""
    repository = copy(tmp_path / "destgraph-action", *PACKAGE)
    places = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(repository)}
    result = run_step("Install destgraph", tmp_path, {}, **places | {"PYTHON": sys.executable})
    assert result.returncode == 0, result.stdout + result.stderr
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    (tmp_path / "data.ttl").write_text(DATA)
    result = run_step("Validate", tmp_path, {"paths": "data.ttl", "shapes": "shapes.ttl"}, **places)
    assert (result.returncode, result.stderr) == (1, "")
