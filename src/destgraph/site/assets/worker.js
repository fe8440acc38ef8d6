// The engine in a worker of its own, so that it can be ended. Messages: first {wasm, graph}, both compressed, which is
// answered by {}; then {query, bind}, answered by {query, columns, rows} or {query, boolean} or {query, triples}, with
// the query as it was run. What goes wrong is answered by {message}, and by `broken` when the engine is of no more use.

const { Store, initSync, literal, namedNode } = oxigraph;
const QUOTED = /"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\r\n]*|<[^<>"{}|^`\\\s]*>/gs;
const ESCAPE = /\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})/g;
const SERVICE = /(?<![?$:\w.-])SERVICE(?![\w:.-])/i;

let store;

async function unpacked(bytes) {
  // A host may have said that the file is compressed, and the browser unpacked it.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function start({ wasm, graph }) {
  initSync({ module: await unpacked(wasm) });
  store = new Store();
  store.load(await unpacked(graph), { format: "application/n-triples", no_transaction: true });
  return {};
}

// Write a term as SPARQL has it; the engine does, and refuses what is no IRI.
function term({ iri, text, datatype }) {
  if (iri !== undefined) return namedNode(iri).toString();
  return (datatype ? literal(text, namedNode(datatype)) : literal(text)).toString();
}

// Put terms into the VALUES lines of a question; a variable without terms loses its line.
function bound(query, bind) {
  return bind.reduce((text, { variable, terms }) => {
    const line = new RegExp(`VALUES \\?${variable} \\{.*\\}$`, "m");
    return text.replace(line, () => (terms.length ? `VALUES ?${variable} { ${terms.map(term).join(" ")} }` : ""));
  }, query);
}

function refuseService(query) {
  const character = (_, short, long) => String.fromCodePoint(Math.min(parseInt(short ?? long, 16), 0x10ffff));
  for (const text of [query, query.replace(ESCAPE, character)]) {
    if (SERVICE.test(text.replace(QUOTED, " "))) throw new Error("SERVICE reaches other data than the graph's");
  }
}

// The engine's message about a query, with its place first, and without what stands for sets of characters.
function plain(message) {
  const [, place, reason] = message.match(/^error at (\d+:\d+): (.*)/s) ?? [];
  if (!place) return message;
  if (reason.includes("Prefix not found")) return `query:${place}: prefix not found; declare it with PREFIX`;
  const words = reason.replace(/^expected (one of )?/, "").split(", ").filter((word) => !/[[\]]/.test(word));
  if (words.join(", ") === reason) return `query:${place}: ${reason}`;
  const expected = words.length ? `expected ${words.length > 1 ? "one of " : ""}${words.join(", ")}` : "not expected here";
  return `query:${place}: ${expected}`;
}

function answer(given) {
  const query = bound(given.query, given.bind ?? []);
  refuseService(query);
  let text;
  try {
    text = store.query(query, { results_format: "application/sparql-results+json" });
  } catch (error) {
    if (!String(error.message).startsWith("Not supported RDF format")) throw error;
    return { query, triples: store.query(query, { results_format: "application/n-triples" }) };
  }
  const { head, boolean, results } = JSON.parse(text);
  return boolean === undefined ? { query, columns: head.vars, rows: results.bindings } : { query, boolean };
}

onmessage = async ({ data }) => {
  try {
    postMessage("query" in data ? answer(data) : await start(data));
  } catch (error) {
    postMessage({ message: plain(String(error.message ?? error)), broken: error instanceof WebAssembly.RuntimeError });
  }
};
