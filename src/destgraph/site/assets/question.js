"use strict";
// The form of a question. Long lists get a field to type into, and a field can be had once more, for several values of
// one parameter mean any of them. Without a server the question is asked in the browser: the fields become the terms
// of the VALUES lines, the address holds the parameters, and a value that is none gets its message beside the field.

(() => {
  const { answers, element, endpoint, engine, root } = destgraph;
  const form = document.querySelector("form[data-question]");
  const question = JSON.parse(document.getElementById("question").textContent);
  const section = document.getElementById("answer");
  const code = document.getElementById("sparql");
  const MANY = 12;
  const SECONDS = 30;
  const XSD = "http://www.w3.org/2001/XMLSchema#";
  const DAY = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/;

  // What two texts have in common that differ in case, accents and punctuation only.
  const key = (text) =>
    (text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");

  const fields = ({ name }) => [...form.elements].filter((field) => field.name === name);
  const options = (field) => [...(field.options ?? [])].filter((option) => option.value);

  class Wrong extends Error {}

  // The option of a field that a text names: by id, IRI or label.
  function option(field, text, kind) {
    const wanted = key(text);
    const names = (o) => [o.value, o.dataset.iri || o.value, o.label];
    const found = options(field).find((o) => names(o).includes(text))
      ?? options(field).find((o) => wanted && names(o).map(key).includes(wanted));
    if (!found) throw new Wrong(`no ${kind === "choice" ? "value" : kind} "${text}"; choose one of the list`);
    return found;
  }

  function day(text) {
    const [, year, month = "01", date = "01"] = text.match(DAY) ?? [];
    const found = new Date(`${year}-${month}-${date}`);
    if (Number.isNaN(found.valueOf()) || found.getUTCDate() !== Number(date)) {
      throw new Wrong(`"${text}" is no date; write a year, month or day such as 2026, 2026-03 or 2026-03-31`);
    }
    return `${year}-${month}-${date}`;
  }

  // The term that a text stands for, which the engine writes into the query.
  function term({ kind, name }, text) {
    if (kind === "date") return { text: day(text), datatype: `${XSD}date` };
    const [field] = fields({ name });
    if (!field.options) return { text };
    const found = option(field, text, kind);
    return kind === "choice" ? { text: found.value } : { iri: found.dataset.iri || found.value };
  }

  function tell(field, message) {
    const shown = field.typed ?? field;
    const id = `${shown.id}-message`;
    let place = document.getElementById(id);
    if (!place) {
      place = element("p", { id, class: "problem" });
      shown.setAttribute("aria-describedby", [shown.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
      shown.after(place);
    }
    place.textContent = message;
    place.hidden = !message;
    if (message) shown.setAttribute("aria-invalid", "true");
    else shown.removeAttribute("aria-invalid");
  }

  const called = ({ name }) => name.replaceAll("-", " ");

  // Give a field with a long list one to type into, beside it; what is typed chooses in the list.
  function typed(select) {
    const list = element("datalist", { id: `${select.id}-list` },
      ...options(select).map((o) => element("option", { value: o.label })));
    const input = element("input", {
      id: `${select.id}-typed`, list: list.id, autocomplete: "off", required: select.required,
      "aria-describedby": select.getAttribute("aria-describedby") ?? undefined,
      placeholder: select.required ? undefined : "any",
    });
    for (const label of select.labels) label.htmlFor = input.id;
    select.required = false;
    select.hidden = true;
    select.typed = input;
    select.show = () => {
      input.value = select.value ? select.selectedOptions[0].label : "";
      tell(select, "");
    };
    // Tells what is wrong only when asked to: a message that appears while one clicks would move what is clicked.
    select.check = () => {
      try {
        select.value = input.value.trim() ? option(select, input.value, parameterOf(select).kind).value : "";
        select.show();
      } catch (error) {
        select.value = "";
        tell(select, error.message);
      }
    };
    select.after(input, list);
    select.show();
  }

  const parameterOf = (field) => question.parameters.find(({ name }) => name === field.name);

  function enhance(field) {
    if (options(field).length > MANY) typed(field);
  }

  // One more field of a parameter.
  function again(parameter) {
    const [first, ...others] = fields(parameter);
    const copy = first.cloneNode(true);
    copy.id = `${first.id}-${others.length + 2}`;
    copy.hidden = copy.required = false;
    copy.value = "";
    if (copy.options && ![...copy.options].some((o) => !o.value)) copy.prepend(element("option", { value: "" }, "none"));
    if (copy.options) copy.value = "";
    const more = form.querySelector(`button[data-more="${CSS.escape(parameter.name)}"]`);
    const label = element("label", { for: copy.id }, `or ${called(parameter)}`);
    copy.removeAttribute("aria-describedby");
    more.before(element("div", { class: "again" }, label, copy));
    enhance(copy);
    return copy;
  }

  function addMore(parameter) {
    const [field] = fields(parameter);
    if (!field.options || parameter.kind === "choice" || question.name === "compare") return;
    const more = element("button", { type: "button", class: "more", "data-more": parameter.name },
      "or another", element("span", { class: "unseen" }, ` ${called(parameter)}`));
    more.onclick = () => {
      const added = again(parameter);
      (added.typed ?? added).focus();
    };
    field.closest(".field").append(more);
  }

  // Put the parameters of an address into the fields; what is no value stays out, and gets its message.
  function fill(given) {
    for (const extra of form.querySelectorAll(".again")) extra.remove();
    for (const parameter of question.parameters) {
      const texts = given.getAll(parameter.name);
      fields(parameter).forEach((field) => tell(field, ""));
      const more = form.querySelector(`button[data-more="${CSS.escape(parameter.name)}"]`);
      texts.slice(1, 20).forEach(() => more && again(parameter));
      fields(parameter).forEach((field, n) => {
        const text = texts[n] ?? "";
        try {
          field.value = text && field.options ? option(field, text, parameter.kind).value : text;
        } catch {
          field.value = "";
        }
        field.show?.();
      });
    }
  }

  // The terms of each parameter; tells what is wrong beside its field, and throws the first.
  function bind(given) {
    const wrong = [];
    const bound = question.parameters.map((parameter) => {
      const { name, variable, required, example } = parameter;
      const texts = given.getAll(name).filter((text) => text.trim());
      const [field] = fields(parameter);
      tell(field, "");
      try {
        if (required && !texts.length) throw new Wrong(`is needed, for example ${example}`);
        return { variable: variable.slice(1), terms: texts.map((text) => term(parameter, text)) };
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        tell(field, error.message);
        wrong.push(new Wrong(`${called(parameter)}: ${error.message}`));
        return undefined;
      }
    });
    const unknown = [...given.keys()].find((name) => !question.parameters.some((p) => p.name === name));
    if (unknown !== undefined) wrong.push(new Wrong(`question ${question.name} has no parameter "${unknown}"`));
    if (question.needsParameter && !bound.some((b) => b?.terms.length)) wrong.push(new Wrong("give at least one requirement"));
    if (wrong.length) throw wrong[0];
    return bound;
  }

  // The heads of the columns that are for one destination each: their names.
  function titles(given) {
    const columns = question.parameters.filter(({ name }) => question.titled.includes(name) && given.has(name));
    return Object.fromEntries(columns.map((parameter) => {
      const [field] = fields(parameter);
      return [parameter.name, field.options && field.value ? field.selectedOptions[0].label : given.get(parameter.name)];
    }));
  }

  async function ask(given) {
    const asked = (async () => engine.ask({ query: question.query, bind: bind(given) }, SECONDS))();
    const about = { titles: titles(given), descriptions: question.columns };
    const answer = await answers.show(section, asked, question.name, about);
    if (!answer) return;
    code.textContent = answer.query;
    editing.href = inEditor(answer.query);
    section.append(element("p", {}, element("a", { href: location.href }, "Link to this answer")));
  }

  const inEditor = (query) => `${new URL("sparql.html", root)}#${new URLSearchParams({ query })}`;
  const editing = element("a", { href: inEditor(code.textContent) }, "Change it in the editor");

  question.parameters.forEach((parameter) => fields(parameter).forEach(enhance));
  question.parameters.forEach(addMore);
  code.closest("details").after(element("p", {}, editing));
  form.addEventListener("submit", (event) => {
    for (const field of form.elements) field.check?.();
    const wrong = form.querySelector("[aria-invalid]");
    if (wrong) {
      event.preventDefault();
      wrong.focus();
    }
  });
  const address = new URLSearchParams(location.search);
  if (endpoint) {
    if (question.parameters.some(({ name }) => address.getAll(name).length > 1)) fill(address);
    return;
  }

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const given = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
    history.pushState(null, "", `?${given}`);
    followed = location.search;
    ask(given);
  });

  const example = section.cloneNode(true);
  let followed = "";
  function follow() {
    if (location.search === followed) return; // the fragment alone has changed
    followed = location.search;
    const given = new URLSearchParams(followed);
    if (given.size) {
      fill(given);
      ask(given);
    } else answers.clear(section, example.cloneNode(true).childNodes);
  }
  addEventListener("popstate", follow);
  if (address.size) follow();
})();
