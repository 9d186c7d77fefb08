/* What a tool opened by keyboard: the focus goes there, and Escape closes it and gives the focus back. */
(function () {
  "use strict";
  if (!window.gengxinMap) return;
  const OPENED = {
    '[data-map-tool="layers"]': "#map-layers",
    '[data-time="open"]': "#map-time",
    '[data-compare="open"]': "#map-second",
  };
  const one = function (selector) { return document.querySelector(selector); };
  const shows = function (box) { return Boolean(box) && box.getClientRects().length > 0; };

  /* The tool of the opened box in which a key was pressed; a list that is open inside it closes first. */
  function toolOf(target) {
    const found = Object.keys(OPENED).find(function (selector) {
      const box = one(OPENED[selector]);
      return one(selector) && shows(box) && (one(selector) === target || box.contains(target));
    });
    const tool = found ? one(found) : null;
    return tool !== target && target.getAttribute("aria-expanded") === "true" ? null : tool;
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.defaultPrevented || one("dialog[open]")) return;
    const tool = toolOf(event.target);
    if (!tool) return;
    event.preventDefault();
    tool.click();
    tool.focus();
  });

  document.addEventListener("click", function (event) {
    if (event.detail || !event.target.closest || !event.target.closest('[data-map-tool="layers"]')) return;
    const box = one("#map-layers"), first = shows(box) ? box.querySelector("button, input") : null;
    if (first) first.focus();
  });
})();
