/* The style of the map: what the server computed, switched, ordered and dimmed as the address says, and what the
   browser itself lays over it. Only what differs is changed. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  const ANCHOR = "gengxin-probe";
  const known = new WeakMap();
  const EMPTY = { type: "FeatureCollection", features: [] };

  function same(one, other) {
    return JSON.stringify(one) === JSON.stringify(other);
  }

  function absolute(address) {
    return address.charAt(0) === "/" ? window.location.origin + address : address;
  }

  function source(given) {
    const made = Object.assign({}, given);
    if (made.tiles) made.tiles = made.tiles.map(absolute);
    if (typeof made.data === "string") made.data = absolute(made.data);
    return made;
  }

  /* --- what the address adds --- */

  function names(value) {
    return (value || "").split(",").filter(Boolean);
  }

  function shown(params, wanted) {
    const every = wanted.groups.map(function (group) { return group.layer; });
    const asked = params.has("layers") ? names(params.get("layers")) : wanted.shown;
    return asked.filter(function (name, i) { return every.indexOf(name) >= 0 && asked.indexOf(name) === i; });
  }

  function dims(params) {
    const found = {};
    names(params.get("dim")).forEach(function (part) {
      const pair = part.split(":"), share = Number(pair[1]);
      if (pair[1] && share >= 0 && share <= 100) found[pair[0]] = share / 100;
    });
    return found;
  }

  function faded(value, share) {
    if (typeof value === "number") return value * share;
    return ["*", value, share];
  }

  function dimmed(layer, share) {
    if (share === 1 || !layer.metadata || !layer.metadata.opacity) return layer;
    const paint = Object.assign({}, layer.paint);
    layer.metadata.opacity.forEach(function (name) {
      paint[name] = faded(name in paint ? paint[name] : 1, share);
    });
    return Object.assign({}, layer, { paint: paint });
  }

  /* The layers to draw, bottom first: those that the address shows in its order, names and marks above them. */
  function layers(params, wanted) {
    const order = shown(params, wanted), strength = dims(params), found = [], above = [];
    order.forEach(function (name) {
      const group = wanted.groups.find(function (one) { return one.layer === name; });
      group.style.forEach(function (layer) {
        const made = dimmed(layer, name in strength ? strength[name] : 1);
        (layer.metadata && layer.metadata.above ? above : found).push(made);
      });
    });
    return (wanted.under || []).concat(found, wanted.between || [], above, wanted.over || []);
  }

  /* --- the difference --- */

  function removeSource(gl, id) {
    gl.getStyle().layers.forEach(function (layer) { if (layer.source === id) gl.removeLayer(layer.id); });
    gl.removeSource(id);
  }

  function changeSource(gl, id, before, after) {
    const placed = gl.getSource(id), rest = ["tiles", "data"].reduce(function (found, name) {
      return found && (name in before) === (name in after);
    }, true);
    const but = function (given) { return Object.assign({}, given, { tiles: 0, data: 0 }); };
    if (!rest || !same(but(before), but(after))) {
      removeSource(gl, id);
      return void gl.addSource(id, after);
    }
    if (after.tiles) placed.setTiles(after.tiles);
    else placed.setData(after.data);
  }

  function changeSources(gl, before, after) {
    Object.keys(after).forEach(function (id) {
      if (!gl.getSource(id)) gl.addSource(id, after[id]);
      else if (!same(before[id], after[id])) changeSource(gl, id, before[id] || {}, after[id]);
    });
  }

  function each(before, after, change) {
    const every = Object.assign({}, before, after);
    Object.keys(every).forEach(function (name) {
      if (!same((before || {})[name], (after || {})[name])) change(name, (after || {})[name]);
    });
  }

  function changeLayer(gl, before, after) {
    each(before.paint, after.paint, function (name, value) { gl.setPaintProperty(after.id, name, value); });
    each(before.layout, after.layout, function (name, value) { gl.setLayoutProperty(after.id, name, value); });
    if (!same(before.filter, after.filter)) gl.setFilter(after.id, after.filter || null);
    if (before.minzoom !== after.minzoom || before.maxzoom !== after.maxzoom) {
      gl.setLayerZoomRange(after.id, after.minzoom || 0, after.maxzoom || 24);
    }
  }

  function otherKind(before, after) {
    return ["type", "source", "source-layer"].some(function (name) { return before[name] !== after[name]; });
  }

  function changeLayers(gl, before, after) {
    const old = {}, kept = {};
    before.forEach(function (layer) { old[layer.id] = layer; });
    after.forEach(function (layer) { kept[layer.id] = layer; });
    before.forEach(function (layer) {
      const next = kept[layer.id];
      if (gl.getLayer(layer.id) && (!next || otherKind(layer, next))) gl.removeLayer(layer.id);
    });
    let above = ANCHOR;
    after.slice().reverse().forEach(function (layer) {
      if (!gl.getLayer(layer.id)) gl.addLayer(layer, above);
      else {
        const order = gl.getLayersOrder();
        if (order[order.indexOf(layer.id) + 1] !== above) gl.moveLayer(layer.id, above);
        changeLayer(gl, old[layer.id] || {}, layer);
      }
      above = layer.id;
    });
  }

  /* --- figures that the tiles do not hold: the values of features by their number --- */

  function changeStates(gl, before, after) {
    if (same(before, after)) return;
    if (before && gl.getSource(before.source)) {
      before.layers.forEach(function (layer) { gl.removeFeatureState({ source: before.source, sourceLayer: layer }); });
    }
    if (!after) return;
    window.fetch(after.url).then(function (answer) { return answer.json(); }).then(function (found) {
      const now = known.get(gl);
      if (!now || !same(now.states, after)) return;
      found.ids.forEach(function (id, i) {
        after.layers.forEach(function (layer) {
          gl.setFeatureState({ source: after.source, sourceLayer: layer, id: id }, { value: found.values[i] });
        });
      });
    }, function () {});
  }

  /* Bring a map to a style. Each map remembers its own, so that two may stand side by side. */
  function apply(gl, wanted, params) {
    const before = known.get(gl) || { sources: {}, layers: [], states: null };
    const sources = {};
    Object.keys(wanted.sources).forEach(function (id) { sources[id] = source(wanted.sources[id]); });
    const after = { sources: sources, layers: layers(params || map.params(), wanted), states: wanted.states || null };
    known.set(gl, after);
    changeSources(gl, before.sources, sources);
    changeLayers(gl, before.layers, after.layers);
    Object.keys(before.sources).forEach(function (id) { if (!(id in sources)) removeSource(gl, id); });
    changeStates(gl, before.states, after.states);
  }

  /* --- what the browser lays over it: features that bring their own look (fill, line, width, radius) --- */

  function look(name, otherwise) {
    return ["coalesce", ["get", name], otherwise];
  }

  function overlayLayers(id) {
    const only = function (kinds) { return ["in", ["geometry-type"], ["literal", kinds]]; };
    const line = look("line", "rgba(0,0,0,0)");
    return [
      { id: id + "-fill", type: "fill", source: id, filter: only(["Polygon", "MultiPolygon"]),
        paint: { "fill-color": look("fill", "rgba(0,0,0,0)"), "fill-antialias": false } },
      { id: id + "-line", type: "line", source: id,
        filter: only(["LineString", "MultiLineString", "Polygon", "MultiPolygon"]),
        layout: { "line-join": "round" }, paint: { "line-color": line, "line-width": look("width", 2) } },
      { id: id + "-point", type: "circle", source: id, filter: only(["Point", "MultiPoint"]),
        paint: { "circle-color": look("fill", "rgba(0,0,0,0)"), "circle-radius": look("radius", 5),
          "circle-stroke-color": line, "circle-stroke-width": look("width", 2) } },
    ];
  }

  /* Lay a named set of features over the map: GeoJSON, an address of it, or an empty list to take it away.
     Without a look of their own they are drawn with the given one. */
  function overlay(name, data, given) {
    map.ready(function (gl) {
      const id = "overlay-" + name, placed = gl.getSource(id);
      const features = Array.isArray(data) ? EMPTY : typeof data === "string" ? absolute(data) : data;
      if (placed) placed.setData(features);
      else if (features === EMPTY) return;
      else {
        gl.addSource(id, { type: "geojson", data: features });
        overlayLayers(id).forEach(function (layer) { gl.addLayer(layer); });
      }
      if (given) dress(gl, id, given);
    });
  }

  function dress(gl, id, given) {
    if (given.line) gl.setPaintProperty(id + "-line", "line-color", look("line", given.line));
    if (given.width) gl.setPaintProperty(id + "-line", "line-width", look("width", given.width));
    if (given.fill) gl.setPaintProperty(id + "-fill", "fill-color", look("fill", given.fill));
  }

  /* --- the map of the page --- */

  function restyle(params) {
    const wanted = map.state.style;
    if (wanted && map.gl) apply(map.gl, wanted, params);
  }

  Object.assign(map, { applyStyle: apply, overlay: overlay, restyle: restyle, shown: shown, dims: dims });

  const callbacks = window.dash_clientside.map;
  callbacks.style = function (wanted) {
    map.state.style = wanted;
    map.ready(function () { restyle(); });
    return window.dash_clientside.no_update;
  };
})();
