"use strict";
// Asks a query: of the server that the page is from, else of an engine in the browser, which is loaded by the first.

destgraph.engine = (() => {
  const { endpoint, need, root } = destgraph;
  const WORKER = "assets/worker.js";
  let parts;
  let started;
  let last = Promise.resolve();

  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  async function fetched(path) {
    const response = await fetch(new URL(path, root));
    if (!response.ok) throw new Error(`${path} could not be loaded: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  // The program of the worker, the engine and the graph. A page that is a file can neither fetch, nor start a worker
  // but from what it holds itself.
  async function load() {
    if (location.protocol !== "file:") {
      const [wasm, graph] = await Promise.all([fetched("assets/oxigraph.wasm.gz"), fetched("assets/graph.nt.gz")]);
      return { program: new URL(WORKER, root), wasm, graph };
    }
    const { worker, wasm, graph } = await need("bundle");
    const program = URL.createObjectURL(new Blob([worker], { type: "text/javascript" }));
    return { program, wasm: bytes(wasm), graph: bytes(graph) };
  }

  // Send a worker a message and return its answer; after `seconds` without one the worker is ended.
  function told(worker, message, seconds) {
    return new Promise((resolve, reject) => {
      const end = (reason) => {
        worker.terminate();
        started = undefined;
        reject(new Error(reason));
      };
      const timer = seconds && setTimeout(end, seconds * 1000, `stopped after ${seconds} s, its time limit`);
      worker.onerror = () => end("the engine could not be started");
      worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        if (data.broken) end("the query needs more than the engine in the browser has; is it nested too deeply?");
        else if (data.message) reject(new Error(data.message));
        else resolve(data);
      };
      worker.postMessage(message);
    });
  }

  async function start() {
    parts ??= await load();
    const { program, wasm, graph } = parts;
    const worker = new Worker(program);
    await told(worker, { wasm, graph });
    return worker;
  }

  async function here(asked, seconds) {
    started ??= start();
    let worker;
    try {
      worker = await started;
    } catch (error) {
      started = undefined;
      throw error;
    }
    return told(worker, asked, seconds);
  }

  async function there({ query }, seconds) {
    const stopped = AbortSignal.timeout(seconds * 1000);
    let response;
    let text;
    try {
      response = await fetch(endpoint, {
        method: "POST",
        headers: { Accept: "application/sparql-results+json, application/n-triples;q=0.9" },
        body: new URLSearchParams({ query }),
        signal: stopped,
      });
      text = await response.text();
    } catch (error) {
      throw stopped.aborted ? new Error(`stopped after ${seconds} s, its time limit`) : error;
    }
    const isJson = response.headers.get("Content-Type")?.includes("json");
    if (!response.ok) throw new Error((isJson && JSON.parse(text).detail) || response.statusText);
    if (!isJson) return { query, triples: text };
    const { head, boolean, results } = JSON.parse(text);
    return boolean === undefined ? { query, columns: head.vars, rows: results.bindings } : { query, boolean };
  }

  // Ask {query, bind}; one after the other, each with `seconds` of its own. `bind` needs the engine in the browser.
  function ask(asked, seconds) {
    const asking = endpoint ? there : here;
    last = last.then(() => asking(asked, seconds), () => asking(asked, seconds));
    return last;
  }

  return { ask };
})();
