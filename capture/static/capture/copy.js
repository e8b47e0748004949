// Copy helper keys: up and down move between fields, c copies the value of the field in focus, space ticks it.
(() => {
  "use strict";
  const list = document.getElementById("copy-list");
  if (!list) return;
  const status = document.getElementById("copied");
  const rows = () => [...list.querySelectorAll(".copy-row")];
  const tickOf = (row) => row && row.querySelector(".tick");
  let current = 0;

  function go(index) {
    const all = rows();
    current = Math.max(0, Math.min(index, all.length - 1));
    const tick = tickOf(all[current]);
    if (tick) tick.focus();
  }

  async function copy(row) {
    const value = row.dataset.value;
    try {
      await navigator.clipboard.writeText(value);
      status.textContent = `Copied ${value}`;
    } catch (error) {
      status.textContent = "The browser did not allow copying. Select the value and copy it.";
    }
  }

  list.addEventListener("focusin", (event) => {
    const row = event.target.closest(".copy-row");
    if (row) current = rows().indexOf(row);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (event.key === "ArrowDown" || event.key === "j") { event.preventDefault(); go(current + 1); }
    if (event.key === "ArrowUp" || event.key === "k") { event.preventDefault(); go(current - 1); }
    if (event.key === "c") copy(rows()[current]);
  });

  document.body.addEventListener("htmx:afterSwap", () => {
    const all = rows();
    document.getElementById("done").textContent = String(all.filter((row) => row.classList.contains("is-done")).length);
    go(current + 1);
  });

  go(rows().findIndex((row) => !row.classList.contains("is-done")));
})();
