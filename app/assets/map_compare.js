/* The second map: made from the first one's kind, and moved with it, both ways. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  if (!map) return;
  const NARROW = 1000;
  const state = { gl: null, first: null, wanted: null, moving: false, dragging: false };
  const byId = map.byId;

  const isOpen = function () { return Boolean(map.params().get("compare")); };

  /* --- moving together --- */

  function follow(from, to) {
    if (state.moving || !state.gl) return;
    state.moving = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom(), bearing: from.getBearing(), pitch: from.getPitch() });
    state.moving = false;
  }

  const first = function () { follow(state.first, state.gl); };
  const second = function () { follow(state.gl, state.first); };

  /* --- making and leaving it --- */

  function make(gl) {
    const made = new gl.constructor({
      container: byId("map-second-canvas"),
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: ground(gl) }] },
      center: gl.getCenter(), zoom: gl.getZoom(), bearing: gl.getBearing(), pitch: gl.getPitch(),
      attributionControl: false, dragRotate: gl.dragRotate.isEnabled(), maxZoom: gl.getMaxZoom(),
      localIdeographFontFamily: "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    made.getCanvas().setAttribute("aria-label", byId("map-second").getAttribute("aria-label"));
    Object.assign(state, { gl: made, first: gl });
    map.second = made;
    made.on("load", function () {
      made.addLayer({ id: "gengxin-probe", type: "custom", onAdd: function () {}, render: function () {} });
      paint();
    });
    gl.on("move", first);
    made.on("move", second);
    made.on("click", clicked);
  }

  function ground(gl) {
    const color = gl.getLayer("ground") ? gl.getPaintProperty("ground", "background-color") : null;
    return { "background-color": color || getComputedStyle(byId("map-page")).getPropertyValue("--ground") };
  }

  function paint() {
    if (state.gl && state.wanted && state.gl.getLayer("gengxin-probe")) {
      map.applyStyle(state.gl, state.wanted, secondParams());
    }
  }

  function secondParams() {
    const now = map.params(), pair = (now.get("compare") || "").split(":");
    if (pair[0] === "figure") now.set("figure", pair[1]);
    return now;
  }

  function leave() {
    if (!state.gl) return;
    state.first.off("move", first);
    state.gl.remove();
    Object.assign(state, { gl: null, first: null, wanted: null });
    map.second = null;
  }

  function clicked(event) {
    const zoom = state.gl.getZoom();
    map.setParams({ at: [event.lngLat.lng.toFixed(5), event.lngLat.lat.toFixed(5), zoom.toFixed(1), 2].join(","), sel: "" });
    map.showPanel();
  }

  /* What a print draws: both maps, each with its caption. */
  map.printed = function () {
    const title = function (id) { return byId(id) ? byId(id).textContent : ""; };
    const both = [{ gl: map.gl, title: state.gl ? title("map-first-caption") : "" }];
    return state.gl ? both.concat([{ gl: state.gl, title: title("map-second-caption") }]) : both;
  };

  /* --- opening, closing, dividing --- */

  function aYearBefore(day) {
    const then = new Date(day + "T00:00:00Z");
    then.setUTCFullYear(then.getUTCFullYear() - 1);
    return then.toISOString().slice(0, 10);
  }

  function open() {
    if (isOpen()) return close();
    const now = map.params(), figure = now.get("figure");
    if (figure) return map.setParams({ compare: "figure:" + figure });
    const day = now.get("day") || aYearBefore(new Date().toISOString().slice(0, 10));
    map.setParams({ compare: "day:today", day: day, by: now.get("by") || "stage" });
  }

  function close() {
    map.setParams({ compare: "" });
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest) return;
    const tool = event.target.closest("[data-compare]");
    if (tool) (tool.dataset.compare === "open" ? open : close)();
  });

  function divide(share) {
    const part = Math.min(Math.max(share, 20), 80).toFixed(1);
    byId("map-box").style.setProperty("--split", part + "%");
    byId("map-divider").setAttribute("aria-valuenow", part);
    [map.gl, state.gl].forEach(function (gl) { if (gl) gl.resize(); });
  }

  function share() {
    return parseFloat(byId("map-box").style.getPropertyValue("--split")) || 50;
  }

  function pointed(event) {
    const box = byId("map-box").getBoundingClientRect();
    if (window.innerWidth < NARROW) return ((event.clientY - box.top) / box.height) * 100;
    return ((event.clientX - box.left) / box.width) * 100;
  }

  document.addEventListener("pointerdown", function (event) {
    if (event.target.id !== "map-divider") return;
    event.preventDefault();
    state.dragging = true;
    event.target.setPointerCapture(event.pointerId);
  });
  document.addEventListener("pointermove", function (event) {
    if (state.dragging) divide(pointed(event));
  });
  document.addEventListener("pointerup", function () { state.dragging = false; });
  document.addEventListener("keydown", function (event) {
    if (event.target.id !== "map-divider") return;
    const step = { ArrowLeft: -4, ArrowUp: -4, ArrowRight: 4, ArrowDown: 4 }[event.key];
    if (!step) return;
    event.preventDefault();
    divide(share() + step);
  });

  /* Dash has no field for a date of the browser's own. */
  function dateField() {
    const place = document.querySelector("#map-second-caption .day");
    if (!place || place.querySelector("input")) return;
    const field = document.createElement("input");
    field.type = "date";
    field.value = place.dataset.day || "";
    field.setAttribute("aria-label", place.dataset.label);
    field.addEventListener("change", function () { map.setParams({ compare: "day:" + (field.value || "today") }); });
    place.appendChild(field);
  }

  function figureField() {
    const place = document.querySelector("#map-second-caption .figure-field");
    if (!place || place.querySelector("select")) return;
    const field = document.createElement("select"), options = JSON.parse(place.dataset.options);
    Object.keys(options).forEach(function (name) { field.add(new Option(options[name], name)); });
    field.value = (map.params().get("compare") || "").split(":")[1];
    field.setAttribute("aria-label", place.dataset.label);
    field.addEventListener("change", function () { map.setParams({ compare: "figure:" + field.value }); });
    place.appendChild(field);
  }

  window.dash_clientside.mapCompare = {
    drawn: function (wanted) {
      const box = byId("map-box");
      if (!box) return window.dash_clientside.no_update;
      const shown = Boolean(wanted);
      box.classList.toggle("with-second", shown);
      ["map-second", "map-divider", "map-first-caption"].forEach(function (id) { byId(id).hidden = !shown; });
      const tool = document.querySelector('[data-compare="open"]');
      if (tool) tool.setAttribute("aria-pressed", String(shown));
      if (state.gl && !state.gl.getContainer().isConnected) leave();
      if (!shown) leave();
      state.wanted = wanted;
      if (map.gl) map.gl.resize();
      if (shown) map.ready(function (gl) {
        if (!state.gl && state.wanted) make(gl);
        else paint();
      });
      window.requestAnimationFrame(function () {
        dateField();
        figureField();
      });
      return window.dash_clientside.no_update;
    },
  };
})();
