/* The map in the browser: its view, its tools, and what of it stands in the address. map_draw.js does the drawing. */
(function () {
  "use strict";
  const NARROW = 1000;
  const state = {};
  const map = (window.gengxinMap = { state: state });

  function reset() {
    Object.assign(state, {
      view: null, bounds: null, districts: {}, jumped: null, timer: null, click: null, pressed: null, overlays: {},
      pointed: null, pointing: null,
    });
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

  /* The layers that the browser fills itself; the component keeps what it was given before only until it draws. */
  function overlay(name, data) {
    state.overlays[name] = data;
    if (byId("map")) set("map", { layerData: Object.assign({}, state.overlays) });
  }

  function replaceAddress(now) {
    const query = now.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
    window.history.replaceState(window.history.state, "", window.location.pathname + "?" + query);
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

  function view(lon, lat, zoom) {
    return { longitude: lon, latitude: lat, zoom: zoom, pitch: 0, bearing: 0 };
  }

  function asked() {
    const parts = (params().get("v") || "").split(",").map(Number);
    const sound = parts.length === 3 && parts.every(Number.isFinite) && Math.abs(parts[1]) <= 85;
    return sound ? view(parts[0], parts[1], Math.min(Math.max(parts[2], 0), 22)) : null;
  }

  function go(wanted) {
    set("map", { viewState: wanted });
  }

  function fit(bounds) {
    if (byId("map")) go(frame(bounds || state.bounds, bounds ? 96 : 48, 17));
  }

  function zoomBy(step) {
    if (state.view) go(Object.assign({}, state.view, { zoom: Math.min(Math.max(state.view.zoom + step, 1), 20) }));
  }

  function remember() {
    const seen = state.view;
    if (!seen || !byId("map-page")) return;
    const now = params();
    now.set("v", [seen.longitude.toFixed(5), seen.latitude.toFixed(5), seen.zoom.toFixed(2)].join(","));
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

  function printView() {
    const page = byId("map-page"), printing = page.classList.toggle("printing");
    const now = params();
    if (printing) now.set("print", "1");
    else now.delete("print");
    replaceAddress(now);
    if (printing) window.setTimeout(function () { window.print(); }, 800);
  }

  function layersMenu(button) {
    const menu = byId("map-layers");
    menu.hidden = !menu.hidden;
    button.setAttribute("aria-expanded", String(!menu.hidden));
  }

  const TOOLS = {
    fit: function () { fit(); },
    in: function () { zoomBy(1); },
    out: function () { zoomBy(-1); },
    length: function () { map.draw.measure("length"); },
    area: function () { map.draw.measure("area"); },
    layers: layersMenu,
    link: copyLink,
    print: printView,
    panel: panel,
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
    state.pointing = window.setTimeout(function () { overlay("pointed", url || []); }, 120);
  }

  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);

  document.addEventListener("keydown", function (event) {
    if (!byId("map-page") || event.defaultPrevented || document.querySelector(".mantine-Modal-content")) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName)) return;
    if (map.draw.key(event)) event.preventDefault();
    else if (event.key === "Escape" && byId("map-page").classList.contains("printing")) printView();
  });

  window.addEventListener("resize", drawScale);
  window.addEventListener("popstate", function () {
    if (byId("map") && asked()) go(asked());
  });

  /* --- places and clicks: found here, because deck.gl's own need a pointer that hovered before --- */

  function coordinate(x, y) {
    const box = byId("map-canvas").getBoundingClientRect(), seen = state.view, world = 512 * Math.pow(2, seen.zoom);
    const lon = seen.longitude + ((x - box.left - box.width / 2) * 360) / world;
    const up = mercator(seen.latitude) - ((y - box.top - box.height / 2) * 2 * Math.PI) / world;
    return [lon, (2 * Math.atan(Math.exp(up)) * 180) / Math.PI - 90];
  }

  function pixels(at) {
    const box = byId("map-canvas").getBoundingClientRect(), seen = state.view, world = 512 * Math.pow(2, seen.zoom);
    return [
      box.left + box.width / 2 + ((at[0] - seen.longitude) * world) / 360,
      box.top + box.height / 2 - ((mercator(at[1]) - mercator(seen.latitude)) * world) / (2 * Math.PI),
    ];
  }

  function onMap(event) {
    return Boolean(state.view && event.target.matches && event.target.matches("#map-canvas canvas"));
  }

  function lookAt(at) {
    const found = [at[0].toFixed(5), at[1].toFixed(5), state.view.zoom.toFixed(1)].join(",");
    state.click = window.setTimeout(function () {
      setParams({ at: found, sel: "" });
      byId("map-panel").scrollTop = 0;
    }, 260);
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
    byId: byId, say: say, text: text, params: params, set: set, setParams: setParams, overlay: overlay,
    coordinate: coordinate, pixels: pixels, onMap: onMap,
  });

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
      if (wanted) page.classList.add(wanted === "0" ? "panel-closed" : "panel-open");
      if (!drawsMaps()) {
        page.classList.add("without-map");
        return message(text("no_webgl"));
      }
      state.view = asked() || frame(data.bounds, 48, 17);
      if (asked()) state.jumped = params().get("sel");
      const props = Object.assign({}, data.map.props, { viewState: state.view, initialViewState: state.view });
      return Object.assign({}, data.map, { props: props });
    },
    moved: function (seen) {
      if (!seen) return window.dash_clientside.no_update;
      state.view = seen;
      if (Math.abs(seen.bearing) > 0.01) go(view(seen.longitude, seen.latitude, seen.zoom));
      map.draw.open();
      drawScale();
      window.clearTimeout(state.timer);
      state.timer = window.setTimeout(remember, 300);
      return window.dash_clientside.no_update;
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
    layersSet: function (checked, dims, ids) {
      const off = ids.filter(function (_, i) { return !checked[i]; }).map(function (id) { return id.name; });
      const dim = ids.map(function (id, i) { return dims[i] < 100 ? id.name + ":" + dims[i] : ""; }).filter(Boolean);
      const wanted = { hide: off.join(","), dim: dim.join(",") }, now = params();
      if (wanted.hide !== (now.get("hide") || "") || wanted.dim !== (now.get("dim") || "")) setParams(wanted);
      return window.dash_clientside.no_update;
    },
    layersRead: function (search, ids, checked, dims) {
      if (!asked()) window.setTimeout(remember, 300);
      const now = new URLSearchParams(search || ""), off = (now.get("hide") || "").split(",");
      const dim = Object.fromEntries((now.get("dim") || "").split(",").map(function (part) { return part.split(":"); }));
      ids.forEach(function (id, i) {
        const shown = off.indexOf(id.name) < 0, strength = Number(dim[id.name]) || 100;
        if (shown !== checked[i]) set({ type: "map-layer", name: id.name }, { checked: shown });
        if (strength !== dims[i]) set({ type: "map-dim", name: id.name }, { value: strength });
      });
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
