// Mapping review: keeps what is typed until it is decided, and counts the keys a decision took.
(() => {
  "use strict";
  const store = window.sessionStorage;
  const article = () => document.querySelector("#panel article");
  let keys = 0;
  let path = "";

  function place(form) {
    const found = article();
    if (!found || !form || !form.id || !found.contains(form)) return "";
    return `review:${window.location.pathname}:${found.dataset.path}:${found.dataset.element}:${form.id}:`;
  }

  function restore() {
    const found = article();
    if (!found) return;
    if (found.dataset.path !== path) keys = 0;
    path = found.dataset.path;
    for (const el of found.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      const kept = el.form && el.name && store.getItem(place(el.form) + el.name);
      if (kept === null || kept === undefined || !place(el.form) || el.value === kept) continue;
      el.value = kept;
      const more = el.closest("details");
      if (more) more.open = true;
    }
  }

  document.addEventListener("input", (event) => {
    const where = place(event.target.form);
    if (where) store.setItem(where + event.target.name, event.target.value);
  });
  document.addEventListener("submit", (event) => {
    const where = place(event.target);
    if (where) store.setItem("review:sent", where);
  });

  // What was sent is forgotten once the server says that it is decided; a refused one stays.
  const sent = store.getItem("review:sent");
  if (sent && document.querySelector(".messages .notice-success")) {
    for (const name of Object.keys(store)) if (name.startsWith(sent)) store.removeItem(name);
  }
  store.removeItem("review:sent");

  document.addEventListener("keydown", () => { keys += 1; });
  document.addEventListener("formdata", (event) => event.formData.set("keys", keys));
  document.addEventListener("htmx:afterSettle", restore);
  restore();
})();
