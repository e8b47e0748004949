// Shows failed htmx requests, stops a second click on forms marked data-once, keeps wide tables and first errors in reach.
(() => {
  "use strict";
  const problem = document.getElementById("live-problem");
  const show = (text) => {
    problem.textContent = text;
    problem.hidden = false;
    problem.scrollIntoView({ block: "nearest" });
  };

  const texts = {
    401: "You were signed out. Your draft is kept. Sign in again in another tab, then repeat this step.",
    403: "Your role does not include this step, or the page is out of date. Reload it and try again.",
    404: "This is no longer here. Reload the page.",
    413: "This is too large to send. Make it smaller and try again.",
    429: "Too many requests. Wait a minute and try again.",
  };

  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    show(texts[status] || `The server answered with error ${status}. What you entered is still here; try again.`);
  });
  document.addEventListener("htmx:sendError", () => show("No connection. What you entered is still here; try again."));
  document.addEventListener("htmx:timeout", () => show("The server did not answer in time. Try again."));
  document.addEventListener("htmx:afterOnLoad", () => (problem.hidden = true));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  // A box that scrolls sideways must be reachable by keyboard.
  const reachable = () => {
    for (const box of document.querySelectorAll(".table-wrap, .chart")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("resize", reachable);
  document.addEventListener("htmx:afterSettle", reachable);
  reachable();

  const first = document.querySelector("[data-focus], .has-error input, .has-error select, .has-error textarea");
  if (first) first.focus();
})();
