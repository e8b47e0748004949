// Saves what is typed two seconds after the last change and shows which questions are visible now.
(() => {
  "use strict";
  const form = document.getElementById("visit-form");
  if (!form) return;
  const saved = document.getElementById("saved");
  const field = (name) => form.elements.namedItem(name);
  let timer = 0;
  let running = false;
  let again = false;
  let lastInput = Date.now();
  let active = 0;
  let changes = 0;

  // Active time: input and focus, idle cut at 30 seconds. Reported in hundredths of a second, never per question.
  form.addEventListener("change", () => { changes += 1; });
  form.addEventListener("input", () => {
    changes += 1;
    const now = Date.now();
    active += Math.min(now - lastInput, 30000);
    lastInput = now;
    field("active").value = String(Math.round(active / 10));
  });

  async function save() {
    if (running) { again = true; return; }
    running = true;
    const sequence = Number(field("sequence").value) + 1;
    field("sequence").value = String(sequence);
    const body = new FormData(form);
    const spent = active;
    const before = changes;
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body, headers: { "X-Autosave": "1" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const data = await answer.json();
      active -= spent;
      field("active").value = String(Math.round(active / 10));
      // An answer about older typing says nothing about what is on the screen now: the next save asks again.
      if (changes === before) form.dispatchEvent(new CustomEvent("server-says", { detail: data.visible }));
      document.getElementById("answered").textContent = data.answered;
      document.getElementById("of").textContent = data.of;
      saved.textContent = data.stale ? "Draft kept. Somebody changed this visit." : "Draft kept";
    } catch (error) {
      saved.textContent = "Not kept yet. Check the connection; what you typed is still here.";
      again = false;
      timer = window.setTimeout(save, 10000);
    }
    running = false;
    if (again) { again = false; save(); }
  }

  form.addEventListener("change", () => { window.clearTimeout(timer); timer = window.setTimeout(save, 300); });
  form.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(save, 1500); });
  form.addEventListener("keep-draft", save);
  form.addEventListener("submit", () => window.clearTimeout(timer));
})();
