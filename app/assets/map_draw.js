/* Drawing on the map: what is measured (by map_geodesy.js), and the boundary of a project. Corners are set, moved and removed by hand here:
   the map component's own drawing loses clicks of fingers and of slow machines. */
(function () {
  "use strict";
  const map = window.gengxinMap, state = map.state;
  const NEAR = 12;

  /* --- what is drawn --- */

  function features() {
    return state.history[state.place] || [];
  }

  function polygonal() {
    return state.mode === "draw" || state.mode === "area" || state.mode === "select";
  }

  function adding() {
    return polygonal() || state.mode === "length";
  }

  function feature(type, coordinates, properties) {
    return { type: "Feature", properties: properties || {}, geometry: { type: type, coordinates: coordinates } };
  }

  function polygon(corners) {
    return feature("Polygon", [corners.concat([corners[0]])]);
  }

  function openLine() {
    return state.pointer ? state.open.concat([state.pointer]) : state.open;
  }

  function perimeter(line) {
    if (line.length > 2) return map.geodesy.length(line.concat([line[0]]));
    return features().reduce(function (sum, one) { return sum + map.geodesy.length(one.geometry.coordinates[0]); }, 0);
  }

  function measured() {
    const line = state.open.length ? openLine() : [];
    if (state.mode === "length") {
      const last = features()[features().length - 1], shown = line.length ? line : last ? last.geometry.coordinates : [];
      return shown.length > 1 ? map.geodesy.lineWords(shown) : "";
    }
    const squareMetres = map.geodesy.area(features()) + (polygonal() && line.length > 2 ? map.geodesy.ringArea(line) : 0);
    if (!squareMetres) return line.length > 1 ? map.geodesy.lineWords(line) : "";
    const around = perimeter(line);
    return map.geodesy.areaWords(squareMetres) + (around && !state.drawing ? " · " + map.text("around") + " " + map.geodesy.lengthWords(around) : "");
  }

  function tell() {
    if (state.drawing) {
      map.say("draw-area", measured());
      map.say("draw-hint", map.text(state.mode));
    } else {
      map.say("map-readout", (adding() && measured()) || map.text(state.mode));
    }
  }

  /* --- how it looks --- */

  function handles(look) {
    const found = [];
    eachCorner(features(), function (ring, i) {
      found.push(feature("Point", middle(ring[i], ring[i + 1]), { fill: look.middle, line: look.line, radius: 4 }));
      found.push(feature("Point", ring[i], { fill: look.corner, line: look.halo, radius: 6 }));
    });
    return found;
  }

  function openShape(look) {
    const line = openLine(), paint = { fill: look.fill, line: look.line };
    const shape = polygonal() && line.length > 2 ? polygon(line) : line.length > 1 ? feature("LineString", line) : null;
    const corners = state.open.map(function (at) {
      return feature("Point", at, { fill: look.corner, line: look.halo, radius: 5 });
    });
    return (shape ? [Object.assign(shape, { properties: paint })] : []).concat(corners);
  }

  function redraw() {
    const page = map.byId("map-page");
    if (!page || ["view", "rect", "circle"].indexOf(state.mode) >= 0) return map.overlay("sketch", []);
    const look = JSON.parse(page.dataset.drawing), paint = { fill: look.fill, line: look.line };
    const shapes = features().map(function (one) { return feature(one.geometry.type, one.geometry.coordinates, paint); });
    const extra = state.mode === "modify" ? handles(look) : openShape(look);
    map.overlay("sketch", { type: "FeatureCollection", features: shapes.concat(extra) });
  }

  function redrawSoon() {
    if (state.frame) return;
    state.frame = window.requestAnimationFrame(function () {
      state.frame = null;
      redraw();
      tell();
    });
  }

  /* --- changes, each one step of the history --- */

  function keep() {
    map.set("map-drawn", { data: { type: "FeatureCollection", features: features() } });
    redraw();
    tell();
  }

  function commit(changed) {
    state.history = state.history.slice(0, state.place + 1).concat([changed]);
    state.place += 1;
    state.open = [];
    state.pointer = null;
    keep();
  }

  function restart(given) {
    state.history = [given || []];
    state.place = 0;
    keep();
  }

  function step(by) {
    const wanted = state.place + by;
    if (!state.drawing || wanted < 0 || wanted >= state.history.length) return;
    state.place = wanted;
    state.open = [];
    keep();
  }

  function enter(mode) {
    state.mode = mode;
    state.open = [];
    state.pointer = null;
    state.held = null;
    document.querySelectorAll("[data-map-tool][aria-pressed]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.mapTool === mode));
    });
    const box = map.byId("map-box");
    if (box) box.dataset.mode = mode;
    redraw();
    tell();
  }

  function finish() {
    if (state.open.length < (polygonal() ? 3 : 2)) return;
    if (state.mode === "select") {
      map.select.polygon(state.open);
      return void enter("view");
    }
    const drawn = polygonal() ? polygon(state.open) : feature("LineString", state.open);
    commit(features().concat([drawn]));
  }

  /* --- corners --- */

  function middle(from, to) {
    return [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  }

  function eachCorner(list, visit) {
    list.forEach(function (one, at) {
      one.geometry.coordinates.forEach(function (ring, part) {
        for (let i = 0; i < ring.length - 1; i++) visit(ring, i, at, part);
      });
    });
  }

  function away(event, at) {
    const place = map.pixels(at);
    return Math.hypot(event.clientX - place[0], event.clientY - place[1]);
  }

  /* The corner under the pointer, else the middle of an edge, where a new corner begins. */
  function handleAt(event) {
    let found = null, least = NEAR;
    eachCorner(features(), function (ring, i, at, part) {
      const corner = away(event, ring[i]), between = away(event, middle(ring[i], ring[i + 1])) + 2;
      if (corner < least) [found, least] = [{ feature: at, ring: part, corner: i, added: false }, corner];
      if (between < least) [found, least] = [{ feature: at, ring: part, corner: i + 1, added: true }, between];
    });
    return found;
  }

  function moved(held, to) {
    const copy = JSON.parse(JSON.stringify(held.before));
    const ring = copy[held.feature].geometry.coordinates[held.ring];
    if (held.added) ring.splice(held.corner, 0, to);
    else ring[held.corner] = to;
    if (!held.added && held.corner === 0) ring[ring.length - 1] = to;
    return copy;
  }

  function removeCorner(event) {
    const found = handleAt(event);
    if (!found || found.added) return;
    const copy = JSON.parse(JSON.stringify(features()));
    const rings = copy[found.feature].geometry.coordinates, ring = rings[found.ring].slice(0, -1);
    if (ring.length < 4) return;
    ring.splice(found.corner, 1);
    rings[found.ring] = ring.concat([ring[0]]);
    commit(copy);
  }

  function inside(at, ring) {
    let odd = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const across = ((ring[j][0] - ring[i][0]) * (at[1] - ring[i][1])) / (ring[j][1] - ring[i][1]) + ring[i][0];
      if (ring[i][1] > at[1] !== ring[j][1] > at[1] && at[0] < across) odd = !odd;
    }
    return odd;
  }

  function removePolygon(event) {
    const at = map.coordinate(event.clientX, event.clientY);
    const left = features().filter(function (one) { return !inside(at, one.geometry.coordinates[0]); });
    if (left.length < features().length) commit(left);
  }

  function addCorner(event) {
    const open = state.open, least = polygonal() ? 3 : 2;
    const onLast = open.length > 0 && away(event, open[open.length - 1]) < NEAR;
    const onFirst = polygonal() && open.length > 0 && away(event, open[0]) < NEAR;
    if ((onLast || onFirst) && open.length >= least) return finish();
    if (!onLast && !onFirst) open.push(map.coordinate(event.clientX, event.clientY));
    redraw();
    tell();
  }

  /* --- the pointer and the keys --- */

  function click(event) {
    if (state.mode === "view") return Boolean(state.drawing);
    if (state.mode === "rect" || state.mode === "circle") return true;
    if (adding()) addCorner(event);
    else if (state.mode === "delete") removePolygon(event);
    else if (event.detail === 2) removeCorner(event);
    return true;
  }

  function cancel() {
    if (state.open.length) enter(state.mode);
    else if (state.drawing && state.mode !== "modify") enter("modify");
    else if (state.drawing && state.history.length > 1) map.say("draw-hint", map.text("unsaved"));
    else if (state.drawing) map.setParams({ draw: "" });
    else measure(state.mode);
  }

  /* Take the newest corner back; with none open, what was measured last. */
  function back() {
    if (state.open.length) state.open.pop();
    else if (!state.drawing && features().length) commit(features().slice(0, -1));
    state.pointer = null;
    redrawSoon();
  }

  function key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Escape" && (state.drawing || adding())) cancel();
    else if (event.key === "Enter" && adding() && state.open.length) finish();
    else if (event.key === "Backspace" && state.open.length) back();
    else if (command && event.key.toLowerCase() === "z" && state.drawing) step(event.shiftKey ? 1 : -1);
    else return false;
    redrawSoon();
    return true;
  }

  document.addEventListener("pointerdown", function (event) {
    if (state.mode !== "modify" || !map.onMap(event)) return;
    const found = handleAt(event);
    state.held = found ? Object.assign(found, { before: features(), after: null }) : null;
  }, true);

  document.addEventListener("pointermove", function (event) {
    if (!state.view || state.mode === "view" || !map.byId("map-canvas")) return;
    if (state.held) {
      state.held.after = moved(state.held, map.coordinate(event.clientX, event.clientY));
      state.history[state.place] = state.held.after;
    } else if (adding() && state.open.length && event.pointerType !== "touch" && map.onMap(event)) {
      state.pointer = map.coordinate(event.clientX, event.clientY);
    } else return;
    redrawSoon();
  }, true);

  document.addEventListener("pointerup", function () {
    const held = state.held;
    state.held = null;
    if (!held || !held.after) return;
    state.history[state.place] = held.before;
    commit(held.after);
  }, true);

  ["mousedown", "touchstart"].forEach(function (name) {
    document.addEventListener(name, function (event) { if (state.held) event.stopPropagation(); }, true);
  });

  document.addEventListener("dblclick", function (event) {
    if (state.mode !== "view" && map.onMap(event)) event.stopPropagation();
  }, true);

  /* --- from outside --- */

  function measure(kind) {
    if (state.drawing) return;
    restart([]);
    enter(state.mode === kind ? "view" : kind);
  }

  /* The tools come and go by the address; what they find stored is written on them. */
  function open() {
    const tools = document.querySelector(".draw-tools"), code = tools ? tools.dataset.code : null;
    if (!map.byId("map") || code === state.drawing) return;
    const given = tools ? JSON.parse(tools.dataset.features) : [];
    state.drawing = code;
    restart(given);
    enter(code === null ? "view" : given.length ? "modify" : "draw");
  }

  function reset() {
    Object.assign(state, {
      mode: "view", history: [], place: 0, open: [], pointer: null, held: null, drawing: null, frame: null,
    });
  }

  map.draw = {
    reset: reset, open: open, measure: measure, restart: restart, back: back, enter: enter, step: step, click: click, key: key, tell: tell,
  };
  reset();
})();
