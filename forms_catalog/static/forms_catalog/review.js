// Mapping review keys: j and k move between fields, a confirms the first candidate, n marks it as not the same.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll(".map-row")];
  if (!rows.length) return;
  let at = Math.max(0, rows.findIndex((row) => `#${row.id}` === window.location.hash));

  function go(index) {
    at = Math.max(0, Math.min(index, rows.length - 1));
    rows[at].focus();
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function press(act) {
    const button = rows[at].querySelector(`.candidate-acts button[value="${act}"]`);
    if (button) button.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "j") go(at + 1);
    if (event.key === "k") go(at - 1);
    if (event.key === "a") press("confirm");
    if (event.key === "n") press("not_same");
  });
})();
