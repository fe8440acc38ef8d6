"use strict";
// Shows of a list only the rows that a form asks for, and keeps what it asks in the address.

(() => {
  for (const form of document.querySelectorAll("form[data-filter]")) {
    const rows = [...document.getElementById(form.dataset.filter).querySelectorAll("tbody tr")];
    const fields = [...form.elements].filter((field) => field.name);
    const shown = form.querySelector("output[data-count]");

    function apply() {
      const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
      const asked = fields.filter((field) => field.value.trim());
      const fits = (row) => asked.every(({ name, value, type }) =>
        type === "search"
          ? words(value).every((word) => row.textContent.toLowerCase().includes(word))
          : words(row.getAttribute(`data-${name}`) ?? "").includes(value.toLowerCase()));
      let count = 0;
      for (const row of rows) {
        row.hidden = !fits(row);
        count += !row.hidden;
      }
      shown.value = `${count} of ${rows.length}`;
    }

    const given = () => new URLSearchParams(fields.filter((f) => f.value.trim()).map((f) => [f.name, f.value]));

    function follow() {
      const asked = new URLSearchParams(location.search);
      for (const field of fields) {
        field.value = asked.get(field.name) ?? "";
        if (field.selectedIndex === -1) field.value = "";
      }
      apply();
    }

    function changed(event) {
      const search = given().size ? `?${given()}` : location.pathname;
      // While one types, the address is that of the same step back.
      history[event.type === "input" ? "replaceState" : "pushState"](null, "", search + location.hash);
      apply();
    }

    form.hidden = false;
    form.addEventListener("change", changed);
    form.addEventListener("input", (event) => event.target.type === "search" && changed(event));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => setTimeout(changed, 0, event));
    addEventListener("popstate", follow);
    follow();
  }
})();
