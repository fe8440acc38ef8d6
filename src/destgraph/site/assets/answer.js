"use strict";
// Shows an answer: as a table whose things are links to their pages, as files to save, or what is wrong instead.

destgraph.answers = (() => {
  const { element, need, root } = destgraph;
  const SHOWN = 1000;
  const LOCAL = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?$/;
  const ADDRESS = /^https?:\/\/[^\s<>"]+$/;
  const ADDRESSES = /^https?:\/\/[^\s<>";]+(?:; https?:\/\/[^\s<>";]+)*$/;
  const UNSEEN = /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}\u00a0]/gu;
  const NUMBER = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(?:integer|decimal|double|float)$/;
  const TRIPLE = /^(<[^>]*>|_:\S+) <([^>]*)> (?:<([^>]*)>|(_:\S+)|"((?:[^"\\]|\\.)*)"(?:@(\S+)|\^\^<([^>]*)>)?) \.$/;
  const ESCAPE = /\\(?:u([0-9A-F]{4})|U([0-9A-F]{8})|(.))/g;
  // It is there before anything changes in it, or else a screen reader would not tell.
  const status = element("p", { role: "status" });
  let current;
  document.getElementById("answer").before(status);

  const CONTROL = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

  // The prefixed name of an IRI, as the command line has it.
  function shorten(iri, { prefixes }) {
    for (const [prefix, namespace] of Object.entries(prefixes)) {
      const local = iri.slice(namespace.length);
      if (iri.startsWith(namespace) && LOCAL.test(local)) return `${prefix}:${local}`;
    }
    return iri;
  }

  // A text in one line, in which nothing is hidden.
  const visible = (text) => text.trim().split(/\s+/).join(" ").replace(UNSEEN, (character) =>
    `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`);

  const external = (address, text) => element("a", { href: address, rel: "external" }, visible(text));

  // What an IRI names, as a link to its page in the site; else an address as a link; else its prefixed name. A `text` is
  // shown instead of its name.
  function link(iri, names, text) {
    const short = shorten(iri, names);
    const [whole, fragment] = iri.split("#");
    const [name, place] = names.known.get(short) ?? [];
    const [, page] = names.known.get(shorten(whole, names)) ?? [];
    const found = place ?? (page && fragment && `${page}#${fragment}`);
    const shown = text || (name ?? short);
    if (found) return element("a", { href: new URL(found, root) }, visible(shown));
    return ADDRESS.test(iri) ? external(iri, shown) : visible(shown);
  }

  // A short name for each address: its last part, with the part that tells it from others of that name.
  function addressNames(addresses) {
    const split = addresses.map((address) => address.replace(/\/+$/, "").split("/"));
    return split.map((parts) => {
      const name = parts.at(-1);
      const others = split.filter((other) => other.at(-1) === name && other.join("/") !== parts.join("/"));
      const aside = others.length && parts.find((part, n) => others.every((other) => other[n] !== part));
      return aside ? `${name} (${aside})` : name;
    });
  }

  function shown(term, names) {
    if (term === undefined) return [];
    if (term.type === "uri") return [link(term.value, names)];
    if (term.type === "triple") {
      const { subject, predicate, object } = term.value;
      return ["<<( ", ...[subject, predicate, object].flatMap((part) => [...shown(part, names), " "]), ")>>"];
    }
    if (term.type === "bnode") return [`_:${term.value}`];
    if (!ADDRESSES.test(term.value)) return [visible(term.value)];
    const addresses = term.value.split("; ");
    const shortened = addressNames(addresses);
    return addresses.flatMap((address, n) => [...(n ? [" "] : []), external(address, shortened[n])]);
  }

  const isNumber = (term) => NUMBER.test(term?.datatype ?? "");

  // The cells of a row for people; what is in a column that is `named` has its name in the next, which leads to it.
  function cells(row, columns, named, names) {
    return columns.flatMap((column, n) => {
      if (named.has(column)) return [];
      const thing = named.has(columns[n - 1]) ? row[columns[n - 1]] : undefined;
      const cell = thing?.type === "uri" ? [link(thing.value, names, row[column]?.value)] : shown(row[column], names);
      return [element("td", { class: isNumber(row[column]) ? "number" : undefined }, ...cell)];
    });
  }

  // A table; `titles` and `descriptions` say more of its columns. Those of a question are described.
  function table({ columns, rows }, names, { titles = {}, descriptions }) {
    const named = new Set(descriptions && columns.filter((_, n) => columns[n + 1] === "name"));
    const head = columns.filter((column) => !named.has(column)).map((column) =>
      element("th", { scope: "col", title: descriptions?.[column] }, titles[column] ?? column.replaceAll("_", " ")));
    const compared = columns.filter((column) => column in titles);
    const body = rows.slice(0, SHOWN).map((row) => {
      const same = compared.length > 1 && compared.every((c) => row[c]?.value === row[compared[0]]?.value);
      return element("tr", { class: same ? "same" : undefined }, ...cells(row, columns, named, names));
    });
    return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Table" },
      element("table", {},
        element("thead", {}, element("tr", {}, ...head)),
        element("tbody", {}, ...body)));
  }

  // SPARQL 1.1 Query Results CSV.
  function csv({ columns, rows }) {
    const plain = (term) => (term === undefined ? "" : term.type === "bnode" ? `_:${term.value}` : term.value);
    const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const line = (cells) => (cells.length === 1 && !cells[0] ? '""' : cells.map(cell).join(","));
    return [columns, ...rows.map((row) => columns.map((c) => plain(row[c])))].map((cells) => `${line(cells)}\r\n`).join("");
  }

  function save(name, type, content) {
    const href = URL.createObjectURL(new Blob([content], { type }));
    element("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  }

  function saving(label, name, type, content) {
    const button = element("button", { type: "button" }, label);
    button.onclick = () => save(name, type, content());
    return button;
  }

  function term(iri, blank, text, language, datatype) {
    if (iri !== undefined) return { type: "uri", value: iri };
    if (blank !== undefined) return { type: "bnode", value: blank.slice(2) };
    const value = text.replace(ESCAPE, (_, short, long, character) =>
      character ? CONTROL[character] ?? character : String.fromCodePoint(parseInt(short ?? long, 16)));
    return { type: "literal", value, ...(language && { "xml:lang": language }), ...(datatype && { datatype }) };
  }

  // The triples of N-Triples as a table.
  function read(triples) {
    const rows = triples.split("\n").filter(Boolean).map((line) => {
      const [, subject, predicate, ...object] = line.match(TRIPLE);
      const [iri, blank] = subject.startsWith("<") ? [subject.slice(1, -1)] : [undefined, subject];
      return { subject: term(iri, blank), predicate: term(predicate), object: term(...object) };
    });
    return { columns: ["subject", "predicate", "object"], rows };
  }

  function counted(number, thing) {
    const all = `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
    return number > SHOWN ? `first ${SHOWN.toLocaleString("en")} of ${all}; the files have all` : all;
  }

  // What is said of an answer in a few words, and the parts of a page that show it; `name` is that of files.
  async function parts(answer, name, about) {
    if (answer.boolean !== undefined) return [answer.boolean ? "yes" : "no", []];
    const given = await need("names");
    const names = { ...given, known: new Map(given.things.map(([short, ...rest]) => [short, rest])) };
    const rows = answer.triples === undefined ? answer : read(answer.triples);
    const count = counted(rows.rows.length, answer.triples === undefined ? "row" : "triple");
    const json = () => JSON.stringify({ head: { vars: rows.columns }, results: { bindings: rows.rows } }, null, 1);
    const files = answer.triples === undefined
      ? [saving("CSV", `${name}.csv`, "text/csv", () => csv(rows)),
        saving("JSON", `${name}.json`, "application/sparql-results+json", json)]
      : [saving("N-Triples", `${name}.nt`, "application/n-triples", () => answer.triples)];
    return [count, [
      ...(rows.rows.length ? [table(rows, names, about)] : []),
      element("p", { class: "files" }, "Save as ", ...files.flatMap((file) => [file, " "])),
    ]];
  }

  // Show in `section` what a promise of an answer gives, unless something else was asked there meanwhile; returns the
  // answer, or nothing where there is none.
  async function show(section, asked, name, about = {}) {
    current = asked;
    section.setAttribute("aria-busy", "true");
    section.replaceChildren();
    status.textContent = "asking ...";
    let said = "";
    let found;
    let answer;
    try {
      answer = await asked;
      [said, found] = await parts(answer, name, about);
    } catch (error) {
      found = [element("p", { role: "alert", class: "problem" }, error.message)];
    }
    if (current !== asked) return undefined;
    section.removeAttribute("aria-busy");
    section.replaceChildren(...found);
    status.textContent = said;
    return answer;
  }

  // Show what was there before anything was asked.
  function clear(section, parts) {
    current = undefined;
    section.removeAttribute("aria-busy");
    section.replaceChildren(...parts);
    status.textContent = "";
  }

  return { clear, show };
})();
