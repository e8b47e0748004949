// Shows the records of a group when its question is answered yes, and adds another blank one.
(() => {
  "use strict";
  const form = document.getElementById("visit-form");
  if (!form) return;

  function toggle(box) {
    const yes = form.querySelector(`input[name="a.${CSS.escape(box.dataset.gate)}"][value="yes"]`);
    const earlier = box.querySelector('.record:not([data-record^="new"])');
    box.hidden = !(yes && yes.checked) && !earlier;
    for (const record of box.querySelectorAll('.record[data-record^="new"]')) record.hidden = !(yes && yes.checked);
  }

  function toggleAll() {
    for (const box of form.querySelectorAll(".records")) toggle(box);
  }

  function add(box) {
    const next = box.querySelectorAll('.record[data-record^="new"]').length + 1;
    const copy = box.querySelector("template").content.firstElementChild.cloneNode(true);
    copy.dataset.record = `new-${next}`;
    for (const input of copy.querySelectorAll("[name]")) input.name = input.name.replace(".new-0.", `.new-${next}.`);
    for (const input of copy.querySelectorAll("[id]")) input.id = input.id.replace("new-0", `new-${next}`);
    box.insertBefore(copy, box.querySelector("template"));
    const first = box.querySelector('.record[data-record="new-1"]');
    for (const row of copy.querySelectorAll("[data-key]")) {
      const same = [...first.querySelectorAll("[data-key]")].find((r) => r.dataset.key === row.dataset.key);
      row.hidden = same ? same.hidden : false;
    }
    copy.querySelector("input, select").focus();
  }

  for (const button of form.querySelectorAll(".add-record")) {
    button.hidden = false;
    button.addEventListener("click", () => add(button.closest(".records")));
  }
  form.addEventListener("change", toggleAll);
  form.addEventListener("questions-changed", toggleAll);
  toggleAll();
})();
