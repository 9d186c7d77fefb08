/* The map where WebGL is missing: Leaflet on a plain canvas, loaded only then. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  if (!map) return;
  const BUNDLE = "/_dash-component-suites/dash_leaflet/dash_leaflet.js";
  /* Leaflet's tiles are half as wide as MapLibre's. */
  const DEEPER = 1, MARGIN = 0.2, TOLERANCE = "5";
  const VIEW = ["v", "at", "sel", "panel", "layers", "dim", "by", "compare", "time", "3d", "labels", "figure", "unit", "embed", "lang"];
  const state = { zoom: null, timer: null };

  const facts = function () { return JSON.parse(map.byId("map-plain-facts").dataset.facts); };

  function loaded() {
    if (window.dash_leaflet) return Promise.resolve();
    return new Promise(function (done, fail) {
      const script = document.createElement("script");
      script.src = BUNDLE;
      script.onload = done;
      script.onerror = fail;
      document.head.appendChild(script);
    });
  }

  function part(namespace, type, props) {
    return { namespace: namespace, type: type, props: props };
  }

  function address(layer) {
    const now = map.params(), base = "/api/v1/cities/" + encodeURIComponent(facts().city) + "/" + layer + ".geojson?";
    VIEW.concat("city").forEach(function (name) { now.delete(name); });
    now.set("escape", "html");
    if (layer === "projects") {
      now.set("located", "1");
      now.set("tolerance", TOLERANCE);
    }
    return base + now.toString();
  }

  function where(bounds) {
    const asked = (map.params().get("v") || "").split(",").map(Number);
    if (asked.length >= 3 && asked.every(Number.isFinite)) return { center: [asked[1], asked[0]], zoom: asked[2] + DEEPER };
    const box = map.byId("map-canvas").getBoundingClientRect(), wide = Math.max(bounds[2] - bounds[0], 0.001);
    const tall = Math.max(bounds[3] - bounds[1], 0.001) / Math.cos((bounds[1] * Math.PI) / 180);
    const zoom = Math.log2(Math.min((box.width * 360) / wide, (box.height * 360) / tall) / 256) - MARGIN;
    return { center: [(bounds[1] + bounds[3]) / 2, (bounds[0] + bounds[2]) / 2], zoom: Math.floor(zoom * 4) / 4 };
  }

  function theMap(bounds) {
    const layers = ["districts", "projects"].map(function (name) {
      return part("dash_leaflet", "GeoJSON", { id: "plain-" + name, url: address(name), style: { variable: "gengxinPlain.style" } });
    });
    return part("dash_leaflet", "MapContainer", Object.assign({
      id: "plain-map", children: layers, preferCanvas: true, attributionControl: false, zoomSnap: 0.25,
      style: { position: "absolute", inset: 0, background: "var(--ground)" },
    }, where(bounds)));
  }

  window.gengxinPlain = {
    style: function (feature) {
      const looks = facts().looks;
      return looks[feature.properties.boundary_status] || looks.districts;
    },
  };

  /* What stands in the map's place: why it is plain, and the plain map; a list of both, as Dash lays them out. */
  map.plain = function (bounds) {
    const words = part("dash_html_components", "P", { children: facts().words, className: "map-failed plain-said", role: "alert" });
    return loaded().then(function () { return [theMap(bounds), words]; }, function () { return words; });
  };

  window.dash_clientside.mapPlain = {
    asked: function () {
      if (map.byId("plain-map")) window.dash_clientside.set_props("plain-projects", { url: address("projects") });
      return window.dash_clientside.no_update;
    },
    clicked: function (event) {
      if (!event) return window.dash_clientside.no_update;
      const zoom = (state.zoom || 12) - DEEPER;
      map.setParams({ at: [event.latlng.lng.toFixed(5), event.latlng.lat.toFixed(5), zoom.toFixed(1)].join(","), sel: "" });
      return window.dash_clientside.no_update;
    },
    moved: function (center, zoom) {
      if (!center || zoom === undefined) return window.dash_clientside.no_update;
      state.zoom = zoom;
      window.clearTimeout(state.timer);
      state.timer = window.setTimeout(function () {
        const at = Array.isArray(center) ? center : [center.lat, center.lng], now = map.params();
        now.set("v", [at[1].toFixed(5), at[0].toFixed(5), (zoom - DEEPER).toFixed(2)].join(","));
        const query = now.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
        window.history.replaceState(window.history.state, "", window.location.pathname + "?" + query);
      }, 300);
      return window.dash_clientside.no_update;
    },
  };
})();
