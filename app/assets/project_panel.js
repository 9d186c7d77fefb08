/* Buttons that copy what stands in their data-copy, and, beside the map, those that change the address. */
(function () {
  "use strict";

  function byHand(words) {
    const field = document.createElement("textarea");
    field.value = words;
    document.body.appendChild(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    return Promise.resolve();
  }

  function copy(words) {
    const board = navigator.clipboard;
    return board && board.writeText ? board.writeText(words).catch(function () { return byHand(words); }) : byHand(words);
  }

  /* The map has a hand of its own for these. */
  function setParams(event) {
    const setter = event.target.closest && event.target.closest("[data-params]");
    if (!setter || document.getElementById("map-page")) return;
    window.dash_clientside.gengxin.setParams(JSON.parse(setter.dataset.params));
  }

  document.addEventListener("click", setParams);
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-copy]");
    if (!button) return;
    const before = button.dataset.label || button.textContent;
    button.dataset.label = before;
    copy(button.dataset.copy).then(function () {
      button.textContent = button.dataset.copied;
      window.setTimeout(function () { button.textContent = before; }, 1600);
    });
  });
})();
