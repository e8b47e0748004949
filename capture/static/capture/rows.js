// Arrow keys step through the rows of a list once one of its links has the focus; Home and End go to the ends.
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("a[data-row]") || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...document.querySelectorAll("a[data-row]")];
    const here = links.indexOf(event.target);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || !links[to]) return;
    event.preventDefault();
    links[to].focus();
  });
})();
