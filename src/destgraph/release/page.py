"""The index page of a release: one HTML file that needs no other, no script and no network."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from destgraph.release.about import Figures, File, Release
from destgraph.release.changes import WAYS, Changes
from destgraph.stores.queryable import Info
from destgraph.validation.findings import Rule

_FOLDED = 10
_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --line: #d8dee6; --back: #fff; --card: #f5f7fa;
  --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3afbd; --line: #36404d; --back: #14181e;
  --card: #1d232b; --link: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem; color: var(--ink); background: var(--back);
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem; }
p { margin: .4rem 0; max-width: 46rem; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, monospace; font-size: .85rem; }
p code { white-space: nowrap; }
pre { margin: .3rem 0; padding: .7rem .9rem; overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: .4rem; }
.soft, .hash { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: .6rem; margin: 1rem 0; }
dl div { padding: .6rem .8rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
figure { margin: .6rem 0; padding: .5rem; overflow-x: auto; background: #fff; border: 1px solid var(--line);
  border-radius: .4rem; }
svg { display: block; min-width: 44rem; max-width: 100%; height: auto; margin: auto; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th:first-child { width: 56%; }
th:last-child { width: 6rem; }
th, td { padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-size: .85rem; font-weight: 600; }
td:last-child, th:last-child { padding-right: 0; text-align: right; white-space: nowrap; }
td { overflow-wrap: anywhere; }
.hash { display: block; font-size: .72rem; }
summary { cursor: pointer; padding: .3rem 0; color: var(--link); }
footer { margin-top: 2.5rem; padding-top: .8rem; border-top: 1px solid var(--line); font-size: .9rem; }
@media (max-width: 40rem) {
  dl { grid-template-columns: repeat(2, 1fr); }
  thead { display: none; }
  tr { display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  td { border: 0; padding: 0; }
  td:first-child { grid-column: 1 / -1; }
}
"""
_LOADING = {
    "rdflib": """from rdflib import Graph
graph = Graph().parse("destgraph.ttl")
print(len(graph))""",
    "Oxigraph": """from pyoxigraph import RdfFormat, Store
store = Store()
store.load(path="destgraph.nq", format=RdfFormat.N_QUADS)
print(len(store))""",
    "pandas": """import pandas
table = pandas.read_csv("tables/destinations.csv")
print(len(table))""",
}


def page(
    release: Release,
    info: Info,
    questions: int,
    counts: Figures,
    files: Mapping[str, Sequence[File]],
    picture: str,
    description: str,
    changes: Changes | None,
) -> str:
    """Return the page.

    `files` gives the files below each heading, `picture` is an SVG of the types, `description` the
    schema.org description for search engines.
    """
    license_, agent = escape(release.license), escape(release.agent_name)
    numbers = {
        "destinations": info.destinations,
        "connections": info.connections,
        "extensions": info.extensions,
        "triples": counts.triples,
        "triples inferred": info.inferred,
        "classes used": len(counts.classes),
        "properties used": len(counts.properties),
        "questions": questions,
    }
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{escape(release.description)}">
<title>{escape(release.title)}, version {release.version}</title>
<link rel="describedby" type="text/turtle" href="dcat.ttl">
<link rel="describedby" type="text/turtle" href="void.ttl">
<link rel="alternate" type="text/turtle" href="destgraph.ttl">
<link rel="alternate" type="application/ld+json" href="destgraph.jsonld">
<link rel="license" href="{license_}">
<style>{_STYLE}</style>
<script type="application/ld+json">
{_data(description)}
</script>
</head>
<body>
<header>
<h1>{escape(release.title)}</h1>
<p>{escape(release.description)}</p>
<p class="soft">Version {release.version} of {release.issued}, documentation as read {release.as_read},
<a href="{license_}">{_license(release.license)}</a>.</p>
</header>
<main>
<dl>
{_rows(f"<div><dt>{name}</dt><dd>{number:,}</dd></div>" for name, number in numbers.items())}
</dl>
<h2 id="types">Types of destinations</h2>
<figure>
{picture.strip()}
</figure>
{_changes(changes)}<h2 id="load">Load it</h2>
{_rows(f"<h3>{tool}</h3>{chr(10)}<pre><code>{escape(code)}</code></pre>" for tool, code in _LOADING.items())}
<h2 id="files">Files</h2>
<p>The line below a file is its SHA-256. All of them are in <a href="SHA256SUMS">SHA256SUMS</a>;
<code>sha256sum -c SHA256SUMS</code> checks them.</p>
{_rows(_group(heading, group) for heading, group in files.items() if group)}
</main>
<footer>
<p>{agent}. <a href="{license_}">{_license(release.license)}</a>. Unofficial; Adobe and the names of its products belong
to Adobe. Source of the facts: <a href="{escape(release.source)}">documentation of Adobe Experience Platform</a>.</p>
<p>IRI of this version: <code>{escape(release.iri)}</code></p>
</footer>
</body>
</html>
"""


def rules_page(release: Release, rules: Iterable[Rule]) -> str:
    """Return the page that the help links of findings lead to: each rule under its id."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rules of destgraph validate, version {release.version}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Rules of <code>destgraph validate</code></h1>
<p class="soft">Version {release.version} of {release.issued}. <a href="index.html">{escape(release.title)}</a></p>
{_rows(_rule(rule) for rule in rules)}
</body>
</html>
"""


def _rule(rule: Rule) -> str:
    query = f"\n{_code(rule.query)}" if rule.query else ""
    for title, example in (("wrong", rule.bad), ("right", rule.good)):
        if example:
            query += f"\n<details>\n<summary>For example {title}</summary>\n{_code(example)}\n</details>"
    id_ = escape(rule.id)
    return f"""<h2 id="{id_}"><a href="#{id_}">{id_}</a> <span class="soft">{rule.severity}</span></h2>
<p>{escape(rule.problem)}</p>
<p>{escape(rule.solution)}</p>
<p class="soft">{escape(rule.source)}</p>{query}"""


def _code(text: str) -> str:
    return f"<pre><code>{escape(text.strip())}</code></pre>"


def _group(title: str, files: Sequence[File]) -> str:
    rows = _rows(
        f'<tr><td><a href="{escape(file.name)}">{escape(file.name)}</a>'
        f'<code class="hash">{file.sha256}</code></td><td>{escape(file.title)}</td><td>{_size(file.size)}</td></tr>'
        for file in files
    )
    head = "<thead><tr><th>File</th><th>Holds</th><th>Size</th></tr></thead>"
    table = f"<table>\n{head}\n<tbody>\n{rows}\n</tbody>\n</table>"
    if len(files) > _FOLDED:
        table = f"<details>\n<summary>{len(files)} files</summary>\n{table}\n</details>"
    return f"<h3>{escape(title)}</h3>\n{table}"


def _changes(changes: Changes | None) -> str:
    if changes is None:
        return ""
    told = ", ".join(f"{changes.count(way)} {way}" for way in WAYS)
    return (
        f'<h2 id="changes">Changes</h2>\n<p>Terms since {escape(changes.previous or "the graph before")}: {told}. '
        '<a href="changes.md">Each of them</a>, also as <a href="changes.json">JSON</a>.</p>\n'
    )


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB" if size >= 1e3 else f"{size} B"


def _license(iri: str) -> str:
    return {"https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0"}.get(iri, escape(iri))


def _data(document: str) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(json.loads(document), ensure_ascii=False, indent=1).replace("<", "\\u003c")


def _rows(rows: Iterable[str]) -> str:
    return "\n".join(rows)
