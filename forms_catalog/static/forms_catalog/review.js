// Keys of the review page: each button, link and box carries its own as data-key; data-agree asks for a second press.
(() => {
  "use strict";
  const typing = (el) => el.matches("input:not([type=checkbox]), select, textarea");

  function show(el) {
    for (let more = el.closest("details"); more; more = more.parentElement.closest("details")) more.open = true;
    el.focus();
    if (el.select) el.select();
  }

  function press(button) {
    const fields = button.form ? [...button.form.elements] : [];
    const empty = fields.find((el) => el.required && !el.value.trim());
    if (empty) show(empty);
    else if (button.hasAttribute("data-agree") && document.activeElement !== button) show(button);
    else button.click();
  }

  function act(el) {
    if (typing(el)) show(el);
    else if (el.matches("a") || el.dataset.opens) el.click();
    else press(el);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (typing(event.target)) {
      if (event.key !== "Escape") return;
      event.preventDefault(); // a search box would empty itself
      const title = document.getElementById("panel-title");
      if (title) title.focus();
      else event.target.blur();
      return;
    }
    const found = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === event.key);
    if (!found) return;
    event.preventDefault();
    if (!event.repeat) act(found); // a key held down decides once
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });
})();
