// Shows and hides questions at once while a person types, by the trees that came with the page (docs/conditions.md).
// The server's answer to the next save decides; where a tree is not sure that a question is hidden, it alone does.
(() => {
  "use strict";
  const form = document.getElementById("visit-form");
  if (!form) return;
  const language = window.askonceLanguage;
  const rules = JSON.parse(document.getElementById("conditions").textContent);
  const unused = document.getElementById("not-applicable");
  const dates = [...form.querySelectorAll('input[name^="asof."]')];

  /** What is given in the boxes of one name: ticked or chosen codes joined by |, or the text. */
  function given(name) {
    const found = form.elements.namedItem(name);
    const boxes = found === null ? [] : found instanceof RadioNodeList ? [...found] : [found];
    const ticked = boxes.filter((box) => !["radio", "checkbox"].includes(box.type) || box.checked);
    return ticked.map((box) => language.strip(box.value)).filter(Boolean).join("|");
  }

  /** What a tree reads: the value in canonical codes where no missing reason is chosen, or that reason. */
  function lookup({ name, modifier }) {
    const keep = form.elements.namedItem(`k.${name}`);
    const kept = keep && keep.checked;
    const missing = kept ? "" : given(`m.${name}`);
    if (modifier === "missing") return missing;
    return missing ? "" : kept ? keep.dataset.offer : given(`a.${name}`);
  }

  /** Rows that may be hidden: not those of blank copies, and not the open fields of earlier records. */
  const rows = () => [...form.querySelectorAll("[data-key]")].filter(
    (row) => !row.closest('template, .record:not([data-record^="new"])'),
  );

  /** `visible` is question key → shown; what it does not name stays as it is. Focus stays where it is. */
  function show(visible) {
    for (const row of rows()) {
      const hidden = visible.get(row.dataset.key) === false;
      if (visible.has(row.dataset.key) && row.hidden !== hidden) row.hidden = hidden;
    }
    listUnused();
    form.dispatchEvent(new CustomEvent("questions-changed"));
  }

  /** What the trees say of every question they are sure of. */
  function decided() {
    const found = new Map();
    for (const [key, { shown, sure }] of Object.entries(rules)) {
      const holds = language.holds(shown, lookup);
      if (holds || sure) found.set(key, holds);
    }
    return found;
  }

  /** The answer of a row in words, as a person reads it. */
  function words(row) {
    const boxes = [...row.querySelectorAll("input, select")];
    const chosen = boxes.map((box) => {
      if (box.type === "checkbox" || box.type === "radio") return box.checked ? box.closest("label").textContent : "";
      return box.value && box.tagName === "SELECT" ? box.selectedOptions[0].textContent : box.value;
    });
    return chosen.map((text) => text.replace(/\s+/g, " ").trim()).filter(Boolean).join(", ");
  }

  /** Lists what was typed into questions that are hidden now: kept, not delivered. */
  function listUnused() {
    const items = [...form.querySelectorAll(".question[hidden]")].filter(words).map((row) => {
      const item = document.createElement("li");
      const answer = document.createElement("strong");
      answer.textContent = words(row);
      item.append(`${row.querySelector(".question-label").firstChild.textContent.trim()}: `, answer);
      return item;
    });
    unused.querySelector("ul").replaceChildren(...items);
    unused.hidden = items.length === 0;
  }

  function typed() {
    // Another date of a report changes what its questions cover: the server builds the form anew.
    if (dates.every((date) => date.value === date.defaultValue)) show(decided());
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("server-says", (event) => show(new Map(Object.entries(event.detail))));
})();
