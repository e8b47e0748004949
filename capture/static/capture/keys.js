// Keyboard: k keeps the offered value of the question in focus, n goes to the next unanswered one, Alt+S keeps the draft.
(() => {
  "use strict";
  const form = document.getElementById("visit-form");
  if (!form) return;
  const typing = (el) => el && (el.matches("input[type=text], input[type=date], textarea, select"));

  function answered(row) {
    return [...row.querySelectorAll("input, select, textarea")].some((el) =>
      el.type === "checkbox" || el.type === "radio" ? el.checked : el.value !== "");
  }

  function next(from) {
    const rows = [...form.querySelectorAll(".question:not([hidden])")];
    if (from && from.matches(".record")) from = from.closest(".records").previousElementSibling;
    const start = from ? rows.indexOf(from) + 1 : 0;
    const row = [...rows.slice(start), ...rows.slice(0, start)].find((r) => !answered(r));
    if (row) row.querySelector("input, select, textarea").focus();
  }

  function keep(row) {
    const box = row && row.querySelector('.offer input[type="checkbox"]');
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    next(row);
  }

  document.addEventListener("keydown", (event) => {
    const row = document.activeElement && document.activeElement.closest(".question, .record");
    if (event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.dispatchEvent(new CustomEvent("keep-draft"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(document.activeElement)) return;
    if (event.key === "k") keep(row || form.querySelector(".question:not([hidden]) .offer")?.closest(".question"));
    if (event.key === "n") next(row);
  });

  // Choosing a value takes back a kept offer, and keeping one clears a chosen value.
  form.addEventListener("change", (event) => {
    const row = event.target.closest(".question");
    const box = row && row.querySelector('.offer input[type="checkbox"]');
    if (!box) return;
    if (event.target === box && box.checked) {
      for (const el of row.querySelectorAll(".question-main input[type=radio]")) el.checked = false;
    } else if (event.target !== box) box.checked = false;
  });
})();
