// Mapping review: marks the open field in the list, moves the focus to it, and tells the server what is open here.
(() => {
  "use strict";
  const panel = document.getElementById("panel");
  if (!panel) return;

  function mark(path) {
    for (const row of document.querySelectorAll(".review-table tr[data-path]")) {
      const open = row.dataset.path === path;
      row.classList.toggle("is-marked", open);
      const link = row.querySelector(".field-link");
      if (open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      if (open) row.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
  }

  function tell(path) {
    const form = document.getElementById("here-form");
    if (!form) return;
    form.elements.path.value = path;
    navigator.sendBeacon(form.action, new FormData(form)); // arrives even where the next page is asked for at once
  }

  function opened() {
    const article = panel.querySelector("article");
    const path = article ? article.dataset.path : "";
    mark(path);
    tell(path);
  }

  function turn() {
    panel.scrollIntoView({ block: "start", behavior: "instant" });
    const title = document.getElementById("panel-title");
    if (title) title.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target !== panel) return;
    opened();
    turn();
  });
  opened();
  if (panel.querySelector("#panel-title[data-focus]")) turn();
})();
