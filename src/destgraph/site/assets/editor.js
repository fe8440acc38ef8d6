"use strict";
// The editor for free SPARQL: yasqe, which completes prefixes and names of the graph, and runs nothing by itself.

(() => {
  const { answers, element, engine, load, need, root } = destgraph;
  const form = document.querySelector("form[data-editor]");
  const area = form.elements.namedItem("query");
  const examples = JSON.parse(document.getElementById("examples").textContent);
  const section = document.getElementById("answer");
  const USED = /(?<![?$\w:.-])([A-Za-z][\w-]*):(?!\/\/)/g;
  const DECLARED = /PREFIX\s+([\w.-]*):/gi;
  const NOT_CODE = /"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#.*|<[^<>\s]*>/g;
  const PLACE = /^query:(\d+):(\d+): /;
  const SHOWN = 60;
  let editor;

  const seconds = element("select", { id: "seconds" }, ...[10, 30, 60].map((n) => element("option", {}, n)));
  const example = element("select", { id: "example" },
    element("option", { value: "" }, "..."),
    ...examples.map(({ name }, n) => element("option", { value: n }, name)));

  const text = () => (editor ? editor.getValue() : area.value);

  function put(query) {
    if (editor) editor.setValue(query);
    else area.value = query;
  }

  // Declare those prefixes of the table that a query uses and does not declare.
  function declared(query, { prefixes }) {
    const code = query.replace(NOT_CODE, (found) => " ".repeat(found.length));
    const known = new Set([...code.matchAll(DECLARED)].map((found) => found[1]));
    const used = new Set([...code.matchAll(USED)].map((found) => found[1]));
    const lines = [...used].filter((name) => name in prefixes && !known.has(name)).sort()
      .map((name) => `PREFIX ${name}: <${prefixes[name]}>\n`);
    return lines.join("") + query;
  }

  async function run(event) {
    event?.preventDefault();
    const query = declared(text(), await need("names"));
    if (query !== text()) put(query);
    history.replaceState(null, "", `#${new URLSearchParams({ query })}`);
    const asked = engine.ask({ query }, Number(seconds.value));
    asked.catch((error) => mark(error.message));
    await answers.show(section, asked, "answer");
  }

  // Put the cursor where the engine found something wrong.
  function mark(message) {
    const [, line, column] = message.match(PLACE) ?? [];
    if (line && editor) editor.getDoc().setCursor({ line: line - 1, ch: column - 1 });
  }

  // What may stand at the cursor: prefixes, and of one prefix its names, which are found by their labels too.
  function completions({ prefixes, things }) {
    return (cm) => {
      const { line, ch } = cm.getCursor();
      const before = cm.getLine(line).slice(0, ch);
      const [typed] = before.match(/[\w-]*:?[\w.-]*$/);
      const from = { line, ch: ch - typed.length };
      const wanted = typed.toLowerCase();
      const [prefix, local] = wanted.split(":");
      let list;
      if (/PREFIX\s+[\w-]*$/i.test(before)) {
        list = Object.entries(prefixes).filter(([name]) => name.startsWith(wanted))
          .map(([name, iri]) => ({ text: `${name}: <${iri}>`, displayText: `${name}: <${iri}>` }));
      } else {
        const fits = ([short, name]) => {
          const [of, rest] = short.split(":");
          if (local === undefined) return short.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
          return of === prefix && (rest.toLowerCase().includes(local) || name.toLowerCase().includes(local));
        };
        const rank = ([short]) => (short.toLowerCase().startsWith(wanted) ? 0 : 1);
        list = things.filter(fits).sort((a, b) => rank(a) - rank(b)).map(([short, name]) =>
          ({ text: short, displayText: `${short}  ${name}` }));
      }
      return { list: list.slice(0, SHOWN), from, to: { line, ch } };
    };
  }

  const styled = (path) => new Promise((done, failed) => {
    const link = element("link", { rel: "stylesheet", href: new URL(path, root) });
    link.addEventListener("load", done);
    link.addEventListener("error", failed);
    document.head.append(link);
  });

  async function grow() {
    // Its styles first, as it measures itself.
    const styles = ["assets/vendor/yasqe/yasqe.min.css", "assets/editor.css"].map(styled);
    const [names] = await Promise.all([need("names"), load("assets/vendor/yasqe/yasqe.min.js"), ...styles]);
    const complete = (cm) => cm.showHint({ hint: completions(names), completeSingle: false, closeCharacters: /[\s>"{}()]/ });
    Yasqe.defaults.autocompleters = [];
    const host = element("div", { class: "editor" });
    area.before(host);
    const grown = new Yasqe(host, {
      value: declared(area.value, names),
      autocompleters: [],
      persistenceId: null,
      createShareableLink: null,
      consumeShareLink: null,
      showQueryButton: false,
      resizeable: false,
      editorHeight: "20rem",
      extraKeys: {
        "Ctrl-Space": complete,
        "Ctrl-Enter": () => form.requestSubmit(),
        "Cmd-Enter": () => form.requestSubmit(),
        "Ctrl-S": () => {},
        Tab: false, // the key that leaves a field
        "Shift-Tab": false,
      },
    });
    const field = grown.getInputField();
    field.id = "query-editor";
    for (const label of [...area.labels]) label.htmlFor = field.id;
    area.before(element("p", { class: "note" }, "Ctrl+Space completes prefixes, terms and things; Ctrl+Enter runs."));
    area.hidden = true;
    area.name = "";
    // Once a prefix stands there its names are offered; what has no prefix yet is completed on request.
    grown.on("inputRead", (cm) => {
      const { line, ch } = cm.getCursor();
      if (!cm.state.completionActive && /[\w-]+:[\w.-]*$/.test(cm.getLine(line).slice(0, ch))) complete(cm);
    });
    editor = grown;
  }

  function follow() {
    const query = new URLSearchParams(location.hash.slice(1)).get("query");
    if (query !== null && query !== text()) put(query);
  }

  form.addEventListener("submit", run);
  example.addEventListener("change", () => example.value && put(examples[example.value].query));
  form.querySelector("button").before(
    element("label", { for: "example" }, "Example"), example,
    element("label", { for: "seconds" }, "Time limit in seconds"), seconds);
  addEventListener("hashchange", follow);
  follow();
  grow().catch(() => {}); // without it the text area does
})();
