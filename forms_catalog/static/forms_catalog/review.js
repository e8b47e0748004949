// Mapping review keys: j and k move between fields, a accepts, n says not the same, u undoes, / searches. Marks the open field.
(() => {
  "use strict";
  const links = () => [...document.querySelectorAll(".field-link")];
  const current = () => links().findIndex((link) => link.getAttribute("aria-current") === "true");

  function mark(link) {
    for (const other of links()) {
      other.removeAttribute("aria-current");
      other.closest("tr").classList.remove("is-marked");
    }
    link.setAttribute("aria-current", "true");
    link.closest("tr").classList.add("is-marked");
    link.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = links();
    const next = all[Math.max(0, Math.min(current() + step, all.length - 1))];
    if (next) next.click();
  }

  function press(key) {
    const button = document.querySelector(`[data-key="${key}"]`);
    if (!button) return;
    const reason = button.form.elements.reason;
    if (reason && !reason.value.trim()) reason.focus();
    else button.click();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".field-link");
    if (link) mark(link);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const keys = { j: () => move(1), k: () => move(-1), a: () => press("a"), n: () => press("n"), u: () => press("u") };
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search").focus();
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  const marked = document.querySelector(".is-marked");
  if (marked) marked.scrollIntoView({ block: "nearest" });
})();
