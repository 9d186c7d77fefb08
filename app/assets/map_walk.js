/* A facility that is chosen from a list by walking distance: the map flies there and marks it. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  const CLOSE = 16, NARROW = 1000, LATEST = 10000;

  function mark(at) {
    const tint = getComputedStyle(map.byId("map-page")).getPropertyValue("--accent").trim();
    map.overlay("flown", {
      type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { line: tint, width: 3, radius: 9 },
    });
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-fly]");
    if (!button || !map.byId("map-page") || !map.state.view) return;
    const at = button.dataset.fly.split(",").map(Number), seen = map.state.view;
    map.glide(Object.assign({}, seen, { longitude: at[0], latitude: at[1], zoom: Math.max(seen.zoom, CLOSE) }));
    mark(at);
    if (window.innerWidth < NARROW) map.byId("map-page").classList.add("panel-closed");
  });

  /* The card is laid out anew when its switch is thrown: the new switch takes the focus that the old one had. */
  document.addEventListener("click", function (event) {
    const thrown = event.target.closest && event.target.closest("#map-here .switch");
    if (!thrown) return;
    const watch = new MutationObserver(function () {
      const now = document.querySelector("#map-here .switch");
      if (!now || now === thrown) return;
      watch.disconnect();
      if (document.activeElement === document.body) now.focus({ preventScroll: true });
    });
    watch.observe(map.byId("map-here"), { childList: true, subtree: true });
    window.setTimeout(function () { watch.disconnect(); }, LATEST);
  });

  /* Another place was asked for: the mark belongs to the list that is gone. */
  window.dash_clientside.map.unmark = function () {
    map.overlay("flown", []);
    return window.dash_clientside.no_update;
  };

  /* Another speed was typed or stepped to; an emptied field means the usual one, which no address names. */
  window.dash_clientside.map.speed = function (value, shown, usual) {
    const typed = String(value);
    if (typed !== shown && map.byId("map-page")) map.setParams({ speed: typed === usual || value === undefined ? "" : typed });
    return window.dash_clientside.no_update;
  };
})();
