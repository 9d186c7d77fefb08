/* The map in the browser: its view, its tools, and what of it stands in the address. map_draw.js does the drawing. */
(function () {
  "use strict";
  const NARROW = 1000, STEEPEST = 70;
  const state = { waiting: [] };
  const map = (window.gengxinMap = { state: state });

  function reset() {
    Object.assign(state, {
      view: null, bounds: null, districts: {}, jumped: null, timer: null, click: null, pressed: null,
      pointed: null, pointing: null, style: null, waiting: [],
    });
    map.gl = null;
    map.draw.reset();
  }

  const byId = function (id) { return document.getElementById(id); };
  const params = function () { return new URLSearchParams(window.location.search); };
  const set = function (id, props) { window.dash_clientside.set_props(id, props); };

  function text(name) {
    const page = byId("map-page");
    return page ? JSON.parse(page.dataset.texts)[name] || "" : "";
  }

  function say(id, words) {
    const place = byId(id);
    if (place && place.textContent !== words) place.textContent = words;
  }

  function setParams(changes) {
    window.dash_clientside.gengxin.setParams(changes);
  }

  function replaceAddress(now) {
    const query = "?" + now.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
    if (query === window.location.search) return;
    window.history.replaceState(window.history.state, "", window.location.pathname + query);
  }

  /* --- the view --- */

  function mercator(lat) {
    return Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  }

  function frame(bounds, padding, furthest) {
    const box = byId("map-canvas").getBoundingClientRect();
    const width = Math.max(box.width - 2 * padding, 50), height = Math.max(box.height - 2 * padding, 50);
    const top = mercator(bounds[3]), bottom = mercator(bounds[1]);
    const across = Math.max(bounds[2] - bounds[0], 1e-6), up = Math.max(top - bottom, 1e-8);
    const zoom = Math.min(Math.log2((width * 360) / (512 * across)), Math.log2((height * 2 * Math.PI) / (512 * up)));
    const middle = (2 * Math.atan(Math.exp((top + bottom) / 2)) * 180) / Math.PI - 90;
    return view((bounds[0] + bounds[2]) / 2, middle, Math.min(zoom, furthest));
  }

  function view(lon, lat, zoom, pitch, bearing) {
    return { longitude: lon, latitude: lat, zoom: zoom, pitch: pitch || 0, bearing: bearing || 0 };
  }

  function tilted() {
    return params().get("3d") === "1";
  }

  function within(value, least, most) {
    return Math.min(Math.max(value, least), most);
  }

  function asked() {
    const parts = (params().get("v") || "").split(",").map(Number);
    const sound = [3, 4, 5].indexOf(parts.length) >= 0 && parts.every(Number.isFinite) && Math.abs(parts[1]) <= 85;
    if (!sound) return null;
    const pitch = tilted() ? within(parts[3] || 0, 0, STEEPEST) : 0, bearing = tilted() ? parts[4] || 0 : 0;
    return view(parts[0], parts[1], within(parts[2], 0, 22), pitch, bearing);
  }

  function camera(wanted) {
    return {
      center: [wanted.longitude, wanted.latitude], zoom: wanted.zoom, pitch: wanted.pitch, bearing: wanted.bearing,
    };
  }

  function go(wanted) {
    ready(function (gl) { gl.jumpTo(camera(wanted)); });
  }

  function glide(wanted) {
    ready(function (gl) { gl.easeTo(Object.assign({ duration: 500 }, camera(wanted))); });
  }

  function fit(bounds) {
    if (!byId("map")) return;
    const flat = frame(bounds || state.bounds, bounds ? 96 : 48, 17);
    go(Object.assign(flat, tilted() && state.view ? { pitch: state.view.pitch, bearing: state.view.bearing } : {}));
  }

  function zoomTo(zoom) {
    if (state.view) glide(Object.assign({}, state.view, { zoom: within(zoom, 1, 20) }));
  }

  function zoomBy(step) {
    zoomTo(state.view.zoom + step);
  }

  /* Buildings stand up: the view tilts. Flat again, north is up again. */
  function tilt() {
    const up = !tilted(), lean = up ? { pitch: 50 } : { pitch: 0, bearing: 0 };
    setParams({ "3d": up ? "1" : "" });
    mayTurn(up);
    if (state.view) glide(Object.assign({}, state.view, lean));
  }

  function mayTurn(up) {
    const button = document.querySelector('[data-map-tool="tilt"]');
    if (button) button.setAttribute("aria-pressed", String(up));
    ready(function (gl) {
      [gl.dragRotate, gl.touchPitch].forEach(function (handler) { handler[up ? "enable" : "disable"](); });
      if (gl.keyboard) gl.keyboard[up ? "enableRotation" : "disableRotation"]();
      if (gl.touchZoomRotate) gl.touchZoomRotate[up ? "enableRotation" : "disableRotation"]();
    });
  }

  function turnNorth() {
    if (state.view) glide(Object.assign({}, state.view, { bearing: 0 }));
  }

  function remember() {
    const seen = state.view;
    if (!seen || !byId("map-page")) return;
    const now = params(), parts = [seen.longitude.toFixed(5), seen.latitude.toFixed(5), seen.zoom.toFixed(2)];
    if (seen.pitch || seen.bearing) parts.push(seen.pitch.toFixed(1), seen.bearing.toFixed(1));
    now.set("v", parts.join(","));
    replaceAddress(now);
  }

  function drawScale() {
    const bar = byId("map-scale"), canvas = byId("map-canvas");
    if (!bar || !canvas || !state.view) return;
    const metres = (78271.51696 * Math.cos((state.view.latitude * Math.PI) / 180)) / Math.pow(2, state.view.zoom);
    const most = metres * 110, power = Math.pow(10, Math.floor(Math.log10(most)));
    const step = [5, 2, 1].find(function (part) { return part * power <= most; }) * power;
    const share = step / metres / canvas.clientWidth;
    bar.querySelector(".rule").style.width = (share * 100).toFixed(3) + "cqw";
    bar.querySelector("span").textContent = step >= 1000 ? step / 1000 + " km" : step + " m";
    byId("map-box").style.setProperty("--map-shape", canvas.clientWidth + " / " + canvas.clientHeight);
  }

  /* --- tools --- */

  function panel() {
    const page = byId("map-page"), open = getComputedStyle(byId("map-panel")).display !== "none";
    page.classList.toggle("panel-closed", open);
    page.classList.toggle("panel-open", !open);
    const now = params();
    now.set("panel", open ? "0" : "1");
    replaceAddress(now);
    if (!open) byId("map-panel").focus();
  }

  function copyLink() {
    remember();
    const done = function () {
      say("map-readout", text("copied"));
      window.setTimeout(map.draw.tell, 2000);
    };
    if (navigator.clipboard) return void navigator.clipboard.writeText(window.location.href).then(done, function () {});
    const field = document.createElement("textarea");
    field.value = window.location.href;
    document.body.appendChild(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    done();
  }

  function layersMenu(button) {
    const menu = byId("map-layers");
    menu.hidden = !menu.hidden;
    button.setAttribute("aria-expanded", String(!menu.hidden));
  }

  const TOOLS = {
    fit: function () { fit(); },
    tilt: tilt,
    north: turnNorth,
    in: function () { zoomBy(1); },
    out: function () { zoomBy(-1); },
    length: function () { map.draw.measure("length"); },
    area: function () { map.draw.measure("area"); },
    layers: layersMenu,
    link: copyLink,
    print: function () { map.print.open(); },
    panel: panel,
    reach: function () { if (map.gl) map.gl.getCanvas().focus(); },
    draw: function () { map.draw.enter("draw"); },
    modify: function () { map.draw.enter("modify"); },
    delete: function () { map.draw.enter("delete"); },
    undo: function () { map.draw.step(-1); },
    redo: function () { map.draw.step(1); },
    cancel: function () { setParams({ draw: "" }); },
    "close-notice": function () { set("map-notice", { children: null }); },
  };

  document.addEventListener("click", function (event) {
    if (!byId("map-page") || !event.target.closest) return;
    const tool = event.target.closest("[data-map-tool]");
    if (tool) return void TOOLS[tool.dataset.mapTool](tool);
    const setter = event.target.closest("[data-params]");
    if (!setter) return;
    const changes = JSON.parse(setter.dataset.params);
    if (changes.sel && changes.sel === params().get("sel")) state.jumped = null;
    setParams(changes);
    if (changes.sel) byId("map-panel").scrollTop = 0;
    if (setter.dataset.district && changes.district) fit(state.districts[changes.district] || state.bounds);
    if (changes.sel && window.innerWidth < NARROW) byId("map-page").classList.add("panel-closed");
  });

  /* A row that is pointed at shows its boundary on the map. */
  function point(event) {
    const row = event.target.closest && event.target.closest("[data-outline]");
    const url = row ? row.dataset.outline : null;
    if (!byId("map") || url === state.pointed) return;
    state.pointed = url;
    window.clearTimeout(state.pointing);
    state.pointing = window.setTimeout(function () { map.overlay("pointed", url || [], { line: getComputedStyle(byId("map-page")).getPropertyValue("--accent"), width: 3 }); }, 120);
  }

  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);

  document.addEventListener("keydown", function (event) {
    if (!byId("map-page") || event.defaultPrevented || document.querySelector(".mantine-Modal-content")) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName)) return;
    if (map.draw.key(event) || asks(event)) event.preventDefault();
    else if (event.key === "3" && !event.ctrlKey && !event.metaKey && !event.altKey) tilt();
  });

  window.addEventListener("resize", drawScale);
  window.addEventListener("popstate", function () {
    if (!byId("map")) return;
    mayTurn(tilted());
    if (asked()) go(asked());
  });

  /* --- places and clicks: found here, because deck.gl's own need a pointer that hovered before --- */

  function coordinate(x, y) {
    const box = byId("map-canvas").getBoundingClientRect(), at = map.gl.unproject([x - box.left, y - box.top]);
    return [at.lng, at.lat];
  }

  function pixels(at) {
    const box = byId("map-canvas").getBoundingClientRect(), place = map.gl.project(at);
    return [box.left + place.x, box.top + place.y];
  }

  function onMap(event) {
    return Boolean(map.gl && state.view && event.target.matches && event.target.matches("#map-canvas canvas"));
  }

  /* What a click asks for is said in the panel. */
  function showPanel() {
    byId("map-page").classList.remove("panel-closed");
    byId("map-page").classList.add("panel-open");
    byId("map-panel").scrollTop = 0;
  }

  function lookAt(at) {
    const found = [at[0].toFixed(5), at[1].toFixed(5), state.view.zoom.toFixed(1)].join(",");
    state.click = window.setTimeout(function () {
      setParams({ at: found, sel: "" });
      showPanel();
    }, 260);
  }

  /* Enter asks what lies in the middle of the map; Escape closes the answer. */
  function asks(event) {
    const told = params().get("at") || params().get("sel");
    if (event.key === "Enter" && onMap(event)) lookAt(map.gl.getCenter().toArray());
    else if (event.key === "Escape" && told && (onMap(event) || event.target.closest("#map-here") || event.target === document.body)) {
      setParams({ at: "", sel: "", draw: "" });
    } else return false;
    return true;
  }

  document.addEventListener("pointerdown", function (event) {
    state.pressed = [event.clientX, event.clientY];
  }, true);

  document.addEventListener("click", function (event) {
    if (!onMap(event)) return;
    window.clearTimeout(state.click);
    const moved = state.pressed ? Math.hypot(event.clientX - state.pressed[0], event.clientY - state.pressed[1]) : 0;
    if (moved >= 5 || map.draw.click(event)) return;
    if (event.detail < 2) lookAt(coordinate(event.clientX, event.clientY));
  }, true);

  Object.assign(map, {
    byId: byId, say: say, text: text, params: params, set: set, setParams: setParams, ready: ready,
    coordinate: coordinate, pixels: pixels, onMap: onMap, showPanel: showPanel, go: go, glide: glide, fit: fit, zoomTo: zoomTo,
    replaceAddress: replaceAddress, tools: TOOLS,
  });

  /* --- the map behind the component --- */

  /* A custom layer is handed the map when it is added. It draws nothing; what is laid over the style stands above it. */
  function probe() {
    return { id: "gengxin-probe", type: "custom", onAdd: arrived, render: function () {} };
  }

  function arrived(gl) {
    map.gl = gl;
    gl.on("remove", function () { if (map.gl === gl) map.gl = null; });
    gl.on("move", function () { saw(gl); });
    mayTurn(tilted());
    map.palette.arrived(gl);
    saw(gl);
    state.waiting.splice(0).forEach(function (visit) { visit(gl); });
  }

  /* Call back with the map, now or when it is there. */
  function ready(visit) {
    if (map.gl) visit(map.gl);
    else state.waiting.push(visit);
  }

  function saw(gl) {
    const at = gl.getCenter();
    state.view = view(at.lng, at.lat, gl.getZoom(), gl.getPitch(), gl.getBearing());
    const north = document.querySelector('[data-map-tool="north"]');
    if (north) north.style.setProperty("--turn", -state.view.bearing + "deg");
    drawScale();
    window.clearTimeout(state.timer);
    state.timer = window.setTimeout(remember, 300);
  }

  /* --- callbacks --- */

  function drawsMaps() {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl2"));
    } catch (error) {
      return false;
    }
  }

  function message(words) {
    return { namespace: "dash_html_components", type: "P", props: { children: words, className: "map-failed", role: "alert" } };
  }

  window.dashMantineFunctions = Object.assign(window.dashMantineFunctions || {}, {
    keepAll: function (asked) { return asked.options; },
  });

  const callbacks = {
    start: function (data) {
      reset();
      new MutationObserver(map.draw.open).observe(byId("draw-box"), { childList: true });
      state.bounds = data.bounds;
      state.districts = data.districts;
      const page = byId("map-page"), wanted = params().get("panel");
      if (wanted === "0") page.classList.add("panel-closed");
      else if (wanted || params().get("at") || params().get("sel")) page.classList.add("panel-open");
      if (!drawsMaps()) {
        page.classList.add("without-map");
        return map.plain ? map.plain(data.bounds) : message(text("no_webgl"));
      }
      state.view = asked() || frame(data.bounds, 48, 17);
      ready(map.draw.open);
      if (asked()) state.jumped = params().get("sel");
      const config = Object.assign({}, data.map.props.maplibreConfig, { mapLayers: [probe()] });
      const props = Object.assign({}, data.map.props, { initialViewState: state.view, maplibreConfig: config });
      return Object.assign({}, data.map, { props: props });
    },
    jump: function (wanted) {
      if (!wanted || wanted.key === state.jumped) return window.dash_clientside.no_update;
      state.jumped = wanted.key;
      if (wanted.bounds) fit(wanted.bounds);
      return window.dash_clientside.no_update;
    },
    found: function (words, offered) {
      if (!words || (offered || []).indexOf(words) < 0) return window.dash_clientside.no_update;
      const code = words.split(" ")[0];
      if (code === params().get("sel")) state.jumped = null;
      setParams({ sel: code, at: "" });
      return window.dash_clientside.no_update;
    },
    mayImport: function (faulty, skipped) {
      return Boolean(faulty) && !skipped;
    },
    open: function (clicks) {
      return clicks ? true : window.dash_clientside.no_update;
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { map: callbacks });
})();
