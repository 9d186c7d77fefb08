/* Selecting an area: a rectangle or a circle is dragged, a polygon clicked (map_draw.js), or the same is typed. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  const KEYS = { r: "rect", c: "circle", g: "select" };
  const LEAST = 5;
  let press = null;

  function mode() {
    return map.state.mode;
  }

  function dragging() {
    return mode() === "rect" || mode() === "circle";
  }

  function look() {
    return JSON.parse(map.byId("map-page").dataset.drawing);
  }

  function place(at) {
    return [at[0].toFixed(6), at[1].toFixed(6)];
  }

  function select(area) {
    if (area && getComputedStyle(map.byId("map-panel")).display === "none") map.tools.panel();
    map.setParams({ area: area });
  }

  /* --- shapes --- */

  function rectangle(from, to) {
    const west = Math.min(from[0], to[0]), east = Math.max(from[0], to[0]);
    const south = Math.min(from[1], to[1]), north = Math.max(from[1], to[1]);
    return [west, south, east, north];
  }

  function ring(centre, metres) {
    const found = [], lat = (centre[1] * Math.PI) / 180, north = 111132.95 - 559.85 * Math.cos(2 * lat);
    const east = 111412.88 * Math.cos(lat) - 93.5 * Math.cos(3 * lat);
    for (let i = 0; i <= 72; i++) {
      const turn = (i * Math.PI) / 36;
      found.push([centre[0] + (metres * Math.sin(turn)) / east, centre[1] + (metres * Math.cos(turn)) / north]);
    }
    return found;
  }

  function corners(box) {
    return [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]], [box[0], box[1]]];
  }

  function sketch() {
    const paint = { fill: look().fill, line: look().line }, metres = map.geodesy.length([press.at, press.to]);
    const shape = mode() === "circle" ? ring(press.at, metres) : corners(rectangle(press.at, press.to));
    const features = [{ type: "Feature", properties: paint, geometry: { type: "Polygon", coordinates: [shape] } }];
    if (mode() === "circle") {
      features.push({ type: "Feature", properties: { line: look().line },
        geometry: { type: "LineString", coordinates: [press.at, press.to] } });
    }
    map.overlay("sketch", { type: "FeatureCollection", features: features });
    map.say("map-readout", mode() === "circle" ? map.geodesy.lengthWords(metres) : sides(shape));
  }

  function sides(shape) {
    return map.geodesy.lengthWords(map.geodesy.length(shape.slice(0, 2))) + " × " +
      map.geodesy.lengthWords(map.geodesy.length(shape.slice(1, 3)));
  }

  /* --- the pointer --- */

  function begin(kind) {
    if (map.state.drawing || !map.gl) return;
    const other = mode() === kind ? "view" : kind;
    leave();
    map.draw.restart();
    map.draw.enter(other);
    if (dragging()) map.gl.dragPan.disable();
    if (window.innerWidth < 1000 && other !== "view") map.byId("map-select").hidden = true;
  }

  function leave() {
    press = null;
    if (map.gl) map.gl.dragPan.enable();
  }

  function end() {
    leave();
    map.draw.enter("view");
  }

  document.addEventListener("pointerdown", function (event) {
    if (!map.byId("map-page") || !dragging() || event.button || !map.onMap(event)) return;
    const at = map.coordinate(event.clientX, event.clientY);
    press = { at: at, to: at, x: event.clientX, y: event.clientY };
  }, true);

  document.addEventListener("pointermove", function (event) {
    if (!press) return;
    press.to = map.coordinate(event.clientX, event.clientY);
    sketch();
  }, true);

  document.addEventListener("pointerup", function (event) {
    if (!press) return;
    const held = press, kind = mode();
    press = null;
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < LEAST) return;
    const metres = map.geodesy.length([held.at, held.to]);
    end();
    if (kind === "circle") select("circle:" + place(held.at).concat([metres.toFixed(0)]).join(","));
    else select("rect:" + rectangle(held.at, held.to).map(function (edge) { return edge.toFixed(6); }).join(","));
  }, true);

  document.addEventListener("pointercancel", function () { if (press) end(); }, true);

  /* --- typing --- */

  function numbers(id) {
    const field = map.byId(id), parts = (field.value || "").replace(/[，、;\s]+/g, ",").split(",").filter(Boolean);
    return parts.map(Number);
  }

  function typed(kind) {
    const found = numbers("select-" + kind).concat(kind === "circle" ? numbers("select-radius") : []);
    const sound = found.length === (kind === "circle" ? 3 : 4) && found.every(Number.isFinite);
    map.say("select-fault", sound ? "" : map.byId("map-select").dataset.faults);
    if (sound) select(kind + ":" + found.join(","));
  }

  function toggle(id, tool) {
    document.querySelectorAll(".map-box-over").forEach(function (box) { if (box.id !== id) box.hidden = true; });
    const box = map.byId(id);
    box.hidden = !box.hidden;
    document.querySelectorAll('[data-map-tool="' + tool + '"]').forEach(function (button) {
      button.setAttribute("aria-expanded", String(!box.hidden));
    });
    if (!box.hidden) box.querySelector("button, input").focus();
  }

  Object.assign(map.tools, {
    rect: function () { begin("rect"); },
    circle: function () { begin("circle"); },
    select: function () { begin("select"); },
    "select-box": function () { toggle("map-select", "select-box"); },
    "select-circle": function () { typed("circle"); },
    "select-rect": function () { typed("rect"); },
  });
  map.toggleBox = toggle;

  document.addEventListener("keydown", function (event) {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (!map.byId("map-select")) return;
    if (typing && event.key === "Enter" && /^select-(circle|radius|rect)$/.test(event.target.id)) {
      return void typed(event.target.id === "select-rect" ? "rect" : "circle");
    }
    if (event.key === "Escape" && dragging()) return void end();
    if (event.key === "Escape" && !map.byId("map-select").hidden && map.byId("map-select").contains(event.target)) {
      map.tools["select-box"]();
      return void document.querySelector('[data-map-tool="select-box"]').focus();
    }
    const busy = typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;
    if (busy || map.state.drawing || document.querySelector(".mantine-Modal-content")) return;
    const key = event.key.toLowerCase();
    if (key === "s") map.tools["select-box"]();
    else if (KEYS[key]) begin(KEYS[key]);
    else return;
    event.preventDefault();
  });

  map.select = {
    polygon: function (open) {
      select("poly:" + open.map(function (at) { return place(at).join(" "); }).join(","));
    },
  };

  /* --- what the server answers --- */

  function onView(bounds) {
    const seen = map.gl.getBounds();
    return bounds[0] < seen.getEast() && bounds[2] > seen.getWest() && bounds[1] < seen.getNorth() &&
      bounds[3] > seen.getSouth() && (bounds[2] - bounds[0]) * 40 > seen.getEast() - seen.getWest();
  }

  function fill(area) {
    const parts = (area || "").split(":"), given = (parts[1] || "").split(",");
    if (parts[0] === "circle") {
      map.set("select-circle", { value: given.slice(0, 2).join(", ") });
      map.set("select-radius", { value: given[2] || "" });
    } else if (parts[0] === "rect") map.set("select-rect", { value: given.join(", ") });
    map.set("select-district", { value: parts[0] === "district" ? parts[1] : null });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    mapSelect: {
      drawn: function (found) {
        const shape = found && found.shape ? JSON.parse(found.shape) : null, line = look().line;
        const feature = shape && { type: "Feature", properties: { line: line, fill: line + "1c", width: 2 }, geometry: shape };
        map.overlay("selection", feature ? { type: "FeatureCollection", features: [feature] } : []);
        fill(map.params().get("area"));
        if (found && found.bounds) {
          map.ready(function () { if (!onView(found.bounds)) map.fit(found.bounds); });
        }
        return window.dash_clientside.no_update;
      },
      district: function (code) {
        const now = map.params().get("area") || "";
        if (code) {
          if (now !== "district:" + code) select("district:" + code);
        } else if (now.indexOf("district:") === 0) select("");
        return window.dash_clientside.no_update;
      },
    },
  });
})();
