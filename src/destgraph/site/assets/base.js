"use strict";
// What all scripts of the site share: where the site is, and how parts of it are loaded once they are needed.
// These are classic scripts, and data come as scripts too, for a page opened as a file may load nothing else.

const destgraph = (() => {
  const root = new URL("../", document.currentScript.src);
  const endpoint = document.querySelector('meta[name="endpoint"]');
  const loaded = new Map();
  const data = new Map();

  // Load a script of the site, once.
  function load(path) {
    if (!loaded.has(path)) {
      loaded.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(path, root);
        script.onload = resolve;
        script.onerror = () => {
          loaded.delete(path);
          reject(new Error(`${path} could not be loaded`));
        };
        document.head.append(script);
      }));
    }
    return loaded.get(path);
  }

  // Return what the script assets/NAME.js holds, which calls `provide`.
  async function need(name) {
    await load(`assets/${name}.js`);
    return data.get(name);
  }

  // Make an element; texts become text, never markup.
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  return {
    root,
    endpoint: endpoint && new URL(endpoint.content, document.baseURI),
    load,
    need,
    provide: (name, value) => data.set(name, value),
    element,
  };
})();
