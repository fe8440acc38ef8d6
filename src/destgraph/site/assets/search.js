"use strict";
// The search box: questions and things whose words begin like, or nearly like, those that are typed. What it needs is
// loaded at the first key.

(() => {
  const { element, load, need, root } = destgraph;
  const MOST = 6;
  const form = document.querySelector("form[data-search]");
  if (!form) return;

  const input = form.querySelector("input[type=search]");
  const status = element("p", { role: "status", class: "hidden" });
  const hits = element("div", { class: "hits", hidden: true });
  form.append(status, hits);
  let index;

  const words = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

  async function made() {
    const [{ documents, fields, stopWords }] = await Promise.all([
      need("documents"), load("assets/vendor/minisearch/minisearch.js"), load("assets/stemmer.js"),
    ]);
    const stop = new Set(stopWords);
    const found = new MiniSearch({
      fields: Object.keys(fields),
      storeFields: ["name", "kind", "place"],
      tokenize: words,
      processTerm: (word) => (stop.has(word) ? null : stemmer.stemmer(word)),
      searchOptions: { boost: fields, prefix: true, fuzzy: 0.2 },
    });
    found.addAll(documents.map((document, id) => ({ id, ...document })));
    return found;
  }

  function group(title, found) {
    if (!found.length) return [];
    return [
      element("h2", {}, title),
      element("ul", {}, ...found.slice(0, MOST).map(({ name, kind, place }) =>
        element("li", {}, element("a", { href: new URL(place, root) }, name), title === "Other" ? ` ${kind}` : ""))),
    ];
  }

  function show(found) {
    const of = (kind) => found.filter((hit) => hit.kind === kind);
    const other = found.filter(({ kind }) => kind !== "question" && kind !== "destination");
    hits.replaceChildren(
      ...group("Questions", of("question")), ...group("Destinations", of("destination")), ...group("Other", other));
    hits.hidden = !found.length;
    status.textContent = found.length ? `${found.length} found` : "nothing found";
  }

  function close() {
    hits.hidden = true;
    status.textContent = "";
  }

  async function search() {
    const text = input.value;
    if (!text.trim()) return close();
    index ??= made();
    try {
      const found = (await index).search(text);
      if (input.value === text) show(found);
    } catch (error) {
      index = undefined;
      status.textContent = error.message;
    }
  }

  const links = () => [...hits.querySelectorAll("a")];

  input.addEventListener("input", search);
  form.addEventListener("keydown", (event) => {
    const places = [input, ...links()];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      close();
      input.focus();
    } else if (step && !hits.hidden) {
      event.preventDefault();
      places[(places.indexOf(document.activeElement) + step + places.length) % places.length].focus();
    }
  });
  // The first hit is what one wants who presses Enter; a server has a page of all of them.
  form.addEventListener("submit", (event) => {
    if (destgraph.endpoint) return;
    event.preventDefault();
    search().then(() => links()[0]?.focus());
  });
})();
