// Copy helper keys: arrows move, Enter or c copies the focused value, space ticks it, n goes to the next open field.
(() => {
  "use strict";
  const list = document.getElementById("copy-list");
  if (!list) return;
  const status = document.getElementById("copied");
  const rows = () => [...list.querySelectorAll(".copy-row")].filter((row) => row.querySelector(".tick"));
  const isOpen = (row) => !row.classList.contains("is-done");
  let current = 0;

  function go(index) {
    const all = rows();
    current = Math.max(0, Math.min(index, all.length - 1));
    if (all[current]) all[current].querySelector(".tick").focus();
  }

  function next(from) {
    const found = rows().findIndex((row, index) => index >= from && isOpen(row));
    go(found < 0 ? rows().findIndex(isOpen) : found);
  }

  async function copy(row) {
    if (!row) return;
    try {
      await navigator.clipboard.writeText(row.dataset.value);
      status.textContent = row.dataset.value ? `Copied ${row.dataset.value}` : "Nothing to copy: leave it blank.";
      row.classList.add("is-copied");
    } catch {
      window.getSelection().selectAllChildren(row.querySelector("strong") || row);
      status.textContent = "The browser did not allow copying. The value is selected: press Ctrl and C.";
    }
  }

  // Active time, idle cut at 30 s: only the sum leaves this page, with the form that says all is copied.
  let last = performance.now(), active = 0;
  function seen() {
    const now = performance.now();
    active += Math.min(now - last, 30000);
    last = now;
    const field = document.getElementById("copy-active");
    if (field) field.value = String(Math.round(active / 10));
  }

  list.addEventListener("focusin", (event) => { current = Math.max(0, rows().indexOf(event.target.closest(".copy-row"))); });
  document.addEventListener("pointerdown", seen);
  document.addEventListener("keydown", (event) => {
    seen();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("a, input, .form-foot, header")) return;
    const act = { ArrowDown: () => go(current + 1), ArrowUp: () => go(current - 1), n: () => next(current + 1),
      Enter: () => copy(rows()[current]), c: () => copy(rows()[current]) }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    const done = list.querySelectorAll(".is-todo.is-done").length;
    document.getElementById("copy-done").textContent = String(done);
    document.getElementById("copy-progress").value = done;
    next(current);
  });
  next(0);
})();
