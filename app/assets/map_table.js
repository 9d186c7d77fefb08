/* The table beside the map: opened by its tool or the key T, narrowed to what is in view, and kept in step with it. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  if (!map) return;
  const CLOSE = 16;
  let timer = null, followed = null, opened = false;

  function bounds() {
    const box = map.gl.getBounds();
    return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(function (edge) { return edge.toFixed(4); }).join(",");
  }

  function follow() {
    if (!map.gl || followed === map.gl) return;
    followed = map.gl;
    map.gl.on("moveend", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        if (map.byId("map-table") && map.params().get("box")) map.setParams({ box: bounds(), page: "" });
      }, 500);
    });
  }

  const ACTIONS = {
    toggle: function () {
      const isOpen = map.params().get("view") === "table";
      opened = !isOpen;
      map.setParams(isOpen ? { view: "", page: "", box: "", rows: "", sort: "" } : { view: "table" });
    },
    layer: function (tool) {
      follow();
      map.setParams({ rows: tool.dataset.rows, sort: "", page: "", box: map.gl ? bounds() : "" });
    },
    show: function (tool) {
      const place = tool.dataset.at.split(",").map(Number);
      map.setParams({ at: tool.dataset.at + "," + CLOSE, sel: "" });
      if (!map.gl || map.gl.getBounds().contains(place)) return;
      map.go({ longitude: place[0], latitude: place[1], zoom: Math.max(map.gl.getZoom(), CLOSE), pitch: 0, bearing: 0 });
    },
    view: function () {
      follow();
      if (map.gl) map.setParams({ box: map.params().get("box") ? "" : bounds(), page: "" });
    },
  };

  document.addEventListener("click", function (event) {
    const tool = event.target.closest && event.target.closest("[data-map-table]");
    if (tool && map.byId("map-table")) ACTIONS[tool.dataset.mapTable](tool);
  });

  document.addEventListener("keydown", function (event) {
    const table = map.byId("map-table");
    if (!table || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName) || document.querySelector("dialog[open], .mantine-Modal-content")) return;
    const leaves = event.key === "Escape" && table.contains(event.target);
    if (event.key === "t" || leaves) ACTIONS.toggle();
    if (!leaves) return;
    event.preventDefault();
    document.querySelector("[data-map-table=toggle]").focus();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    mapTable: {
      sync: function (search) {
        const isOpen = new URLSearchParams(search || "").get("view") === "table", table = map.byId("map-table");
        const button = document.querySelector("[data-map-table=toggle]");
        if (button) button.setAttribute("aria-expanded", String(isOpen));
        if (table) table.classList.toggle("open", isOpen);
        if (isOpen) map.ready(follow);
        if (isOpen && opened) table.focus();
        opened = false;
        return window.dash_clientside.no_update;
      },
      filled: function () {
        window.requestAnimationFrame(function () {
          const row = document.querySelector("#map-table tr.chosen");
          if (row) row.scrollIntoView({ block: "nearest" });
        });
        return window.dash_clientside.no_update;
      },
    },
  });
})();
