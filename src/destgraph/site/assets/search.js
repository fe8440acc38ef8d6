"use strict";
// The search box: questions and things with words that begin like, or nearly like, those that are typed. What it needs
// is loaded at the first key. The page of the search has a place for what is found; elsewhere it drops down.

(() => {
  const { element, endpoint, load, need, root } = destgraph;
  const MOST = 6;
  const KINDS = { question: "Questions", destination: "Destinations" };
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
      storeFields: ["title", "kind", "place"],
      tokenize: words,
      processTerm: (word) => (stop.has(word) ? null : stemmer.stemmer(word)),
      searchOptions: { boost: fields, prefix: true, fuzzy: 0.2 },
    });
    found.addAll(documents.map((document, id) => ({ id, ...document })));
    return found;
  }

  async function search(text) {
    index ??= made();
    try {
      return (await index).search(text);
    } catch (error) {
      index = undefined;
      throw error;
    }
  }

  function group(heading, found, most) {
    if (!found.length) return [];
    return [
      element("h2", {}, heading),
      element("ul", {}, ...found.slice(0, most).map(({ title: text, kind, place }) =>
        element("li", {}, element("a", { href: new URL(place, root) }, text),
          ...(kind in KINDS ? [] : [" ", element("span", { class: "soft" }, kind.replaceAll("-", " "))])))),
    ];
  }

  function groups(found, most) {
    const headed = [...Object.entries(KINDS), [undefined, "Other"]];
    return headed.flatMap(([kind, heading]) =>
      group(heading, found.filter((hit) => (kind ? hit.kind === kind : !(hit.kind in KINDS))), most));
  }

  // A search box whose finds drop down below it, to be reached by the arrow keys.
  function dropDown(form, input) {
    const status = element("p", { role: "status", class: "unseen" });
    const hits = element("div", { class: "hits", hidden: true });
    form.append(status, hits);

    function show(parts, message) {
      hits.replaceChildren(...parts);
      hits.hidden = !parts.length;
      status.textContent = message;
    }

    input.addEventListener("input", async () => {
      const text = input.value;
      if (!text.trim()) return show([], "");
      try {
        const found = await search(text);
        if (input.value === text) show(groups(found, MOST), found.length ? `${found.length} found` : "nothing found");
      } catch (error) {
        show([], error.message);
      }
    });
    form.addEventListener("keydown", (event) => {
      const places = [input, ...hits.querySelectorAll("a")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape" && !hits.hidden) {
        event.preventDefault(); // it would empty the field
        show([], "");
        input.focus();
      } else if (step && !hits.hidden) {
        event.preventDefault();
        places[(places.indexOf(document.activeElement) + step + places.length) % places.length].focus();
      }
    });
    document.addEventListener("focusin", (event) => !form.contains(event.target) && show([], ""));
    document.addEventListener("click", (event) => !form.contains(event.target) && show([], ""));
  }

  // The page of the search: what the address asks for; a server has answered already.
  async function page(form, input, results) {
    if (endpoint) return;
    const text = new URLSearchParams(location.search).get(input.name) ?? "";
    input.value = text;
    if (!text.trim()) return;
    try {
      const found = await search(text);
      results.replaceChildren(...(found.length ? groups(found) : [element("p", {}, "Nothing has these words.")]));
    } catch (error) {
      results.replaceChildren(element("p", { class: "problem" }, error.message));
    }
  }

  destgraph.search = search;
  const results = document.querySelector("[data-results]");
  for (const form of document.querySelectorAll("form[data-search]")) {
    const input = form.querySelector("input[type=search]");
    if (results && form.closest("main")) page(form, input, results);
    else dropDown(form, input);
  }
})();
