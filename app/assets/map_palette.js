/* The layer palette: what its switches, sliders and buttons write into the address, and what the pointer says. */
(function () {
  "use strict";
  const map = window.gengxinMap, byId = map.byId;
  const callbacks = window.dash_clientside.map;
  const NONE = "none", LATER = 300;
  let timer = null;

  function box() {
    return byId("map-layers");
  }

  function list(name) {
    return box().dataset[name].split(",");
  }

  function known() {
    return Array.from(box().querySelectorAll("[data-layer]")).map(function (row) { return row.dataset.layer; });
  }

  /* The layers that show, bottom first. */
  function shown() {
    const asked = map.params().get("layers"), every = known();
    const wanted = asked === null ? list("usual") : asked.split(",");
    return wanted.filter(function (name, i) { return every.indexOf(name) >= 0 && wanted.indexOf(name) === i; });
  }

  /* A layer that is switched on goes where it usually lies. */
  function added(order, name) {
    const usual = list("order"), rank = function (one) { return usual.indexOf(one); };
    const at = order.findIndex(function (one) { return rank(one) > rank(name); });
    const place = at < 0 ? order.length : at;
    return order.slice(0, place).concat([name], order.slice(place));
  }

  function setLayers(order) {
    const now = map.params(), value = order.join(",") || NONE;
    now.set("layers", value);
    map.restyle(now);
    map.setParams({ layers: value });
  }

  /* How strong a layer is stands in the address without a word to the server: it changes nothing there. */
  function setDims(dims) {
    const now = map.params();
    if (dims) now.set("dim", dims);
    else now.delete("dim");
    map.restyle(now);
    window.clearTimeout(timer);
    timer = window.setTimeout(function () {
      const then = map.params();
      if (dims) then.set("dim", dims);
      else then.delete("dim");
      map.replaceAddress(then);
    }, LATER);
  }

  function move(row, step) {
    const order = shown(), name = row.dataset.layer, at = order.indexOf(name), to = at + (step === "up" ? 1 : -1);
    if (at < 0 || to < 0 || to >= order.length) return;
    order.splice(at, 1);
    order.splice(to, 0, name);
    setLayers(order);
    tellOrder();
    map.say("map-layers-said", row.dataset.words + ": " + (order.length - to) + " / " + order.length);
  }

  function tellOrder() {
    const order = shown(), zoom = map.gl ? map.gl.getZoom() : 0;
    box().querySelectorAll("[data-layer]").forEach(function (row) {
      const at = order.indexOf(row.dataset.layer), note = row.querySelector("[data-zoom-to]");
      row.classList.toggle("on", at >= 0);
      row.style.order = at < 0 ? "99" : String(order.length - at);
      row.querySelectorAll("[data-layer-move]").forEach(function (button) {
        button.disabled = at < 0 || at === (button.dataset.layerMove === "up" ? order.length - 1 : 0);
      });
      const out = Boolean(note) && zoom < Number(note.dataset.zoomTo);
      row.classList.toggle("out", out);
      if (note) note.hidden = !out;
    });
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest || !byId("map-layers")) return;
    const mover = event.target.closest("[data-layer-move]"), note = event.target.closest("[data-zoom-to]");
    if (mover) move(mover.closest("[data-layer]"), mover.dataset.layerMove);
    if (note) map.zoomTo(Number(note.dataset.zoomTo) + 0.2);
  });

  /* --- what the pointer says --- */

  function written(row, feature) {
    let value = "state" in row ? (feature.state || {})[row.state] : feature.properties[row.value];
    if (row.values) value = row.values[value];
    if (value === undefined || value === null || value === "") return map.state.style.tips.unknown;
    if (row.words) return row.words[value] || value;
    if (typeof value !== "number") return String(value);
    const places = { minimumFractionDigits: row.places || 0, maximumFractionDigits: row.places || 0 };
    return (value / (row.divisor || 1)).toLocaleString("en", places) + (row.unit ? " " + row.unit : "");
  }

  function line(className, words) {
    const made = document.createElement("div");
    made.className = className;
    made.textContent = words;
    return made;
  }

  function tipOf(tip, feature) {
    const count = feature.properties.count;
    if (tip.count && count > 1) return [line("title", tip.count.replace("{count}", count))];
    const title = tip.title.map(function (name) { return feature.properties[name]; }).filter(Boolean).join(" ");
    return [line("title", title)].concat(tip.rows.map(function (row) {
      return line("row", row.label + ": " + written(row, feature));
    }));
  }

  function pointed(gl, event) {
    const place = byId("map-tip"), style = map.state.style;
    if (!place) return;
    const there = style && map.state.mode === "view" ? Object.keys(style.tips.layers).filter(function (id) { return gl.getLayer(id); }) : [];
    const found = there.length ? gl.queryRenderedFeatures(event.point, { layers: there }) : [];
    const feature = found[0];
    gl.getCanvas().style.cursor = feature && feature.layer.id !== "districts-fill" ? "pointer" : "";
    place.hidden = !feature;
    if (!feature) return;
    place.replaceChildren.apply(place, tipOf(style.tips.layers[feature.layer.id], feature));
    const box = byId("map-box").getBoundingClientRect(), canvas = gl.getCanvas().getBoundingClientRect();
    const left = event.point.x + canvas.left - box.left, up = event.point.y + canvas.top - box.top;
    place.style.left = Math.min(left + 14, box.width - place.offsetWidth - 6) + "px";
    place.style.top = Math.min(up + 14, box.height - place.offsetHeight - 6) + "px";
  }

  function arrived(gl) {
    let frame = null;
    gl.on("mousemove", function (event) {
      window.cancelAnimationFrame(frame);
      frame = window.requestAnimationFrame(function () { if (map.gl === gl) pointed(gl, event); });
    });
    gl.on("mouseout", function () { if (byId("map-tip")) byId("map-tip").hidden = true; });
    gl.on("zoomend", function () { if (box()) tellOrder(); });
    gl.on("movestart", function () { if (byId("map-tip")) byId("map-tip").hidden = true; });
    tellOrder();
  }

  /* --- callbacks --- */

  const nothing = function () { return window.dash_clientside.no_update; };

  Object.assign(callbacks, {
    layersSet: function (checked, dims, ids) {
      if (!box()) return nothing();
      const before = shown();
      let order = before;
      ids.forEach(function (id, i) {
        const is = order.indexOf(id.name) >= 0;
        if (checked[i] && !is) order = added(order, id.name);
        if (!checked[i] && is) order = order.filter(function (one) { return one !== id.name; });
      });
      if (order !== before) setLayers(order);
      const dim = ids.map(function (id, i) { return dims[i] < 100 ? id.name + ":" + dims[i] : ""; }).filter(Boolean);
      if (dim.join(",") !== (map.params().get("dim") || "")) setDims(dim.join(","));
      tellOrder();
      return nothing();
    },
    layersRead: function (search, ids, checked, dims, figured) {
      if (!box()) return nothing();
      const order = shown(), strength = map.dims(map.params());
      ids.forEach(function (id, i) {
        const on = order.indexOf(id.name) >= 0, share = Math.round((id.name in strength ? strength[id.name] : 1) * 100);
        if (on !== checked[i]) map.set({ type: "map-layer", name: id.name }, { checked: on });
        if (share !== dims[i]) map.set({ type: "map-dim", name: id.name }, { value: share });
      });
      const now = map.params(), figure = now.get("figure");
      const wanted = figure ? (now.get("unit") || "district") + ":" + figure : null;
      if (wanted !== (figured || null)) map.set("map-figure", { value: wanted });
      tellOrder();
      return nothing();
    },
    figureSet: function (value) {
      const found = /^([^:]*):(.*)$/.exec(value || ":"), pair = found.slice(1), now = map.params();
      if (pair[1] === (now.get("figure") || "") && pair[0] === (now.get("unit") || (pair[1] ? "district" : ""))) return nothing();
      const changes = { unit: pair[0], figure: pair[1] };
      const layer = JSON.parse(box().dataset.units)[pair[0]], order = shown();
      if (layer && order.indexOf(layer) < 0) changes.layers = added(order, layer).join(",");
      map.setParams(changes);
      return nothing();
    },
  });

  map.palette = { arrived: arrived };
})();
