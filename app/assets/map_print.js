/* The print dialog: it draws the map anew at 200 dpi, lays out the sheet (map_sheet.js) and hands out PNG, PDF or paper. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  if (!map) return;
  const PATIENCE = 120000, PAUSE = 250;
  const FONTS = "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";
  const state = { made: null, asked: 0, shots: null, key: "", turn: 0, timer: null, canvas: null, drawn: false };
  const byId = map.byId;

  const dialog = function () { return byId("map-print"); };
  const words = function () { return JSON.parse(dialog().dataset.words); };
  const field = function (name) { return byId("print-" + name).value; };

  function filled(name, values) {
    return Object.keys(values).reduce(function (text, key) { return text.replace("{" + key + "}", values[key]); }, words()[name]);
  }

  function paper() {
    const name = field("paper");
    return Object.assign({ name: name }, JSON.parse(dialog().dataset.papers)[name]);
  }

  function chosen() {
    const ticked = {};
    dialog().querySelectorAll("input[type=checkbox]").forEach(function (box) { ticked[box.id.replace("print-with-", "")] = box.checked; });
    return ticked;
  }

  /* --- the map at 200 dpi --- */

  function shown() {
    return map.printed ? map.printed() : [{ gl: map.gl, title: "" }];
  }

  function viewOf(gl, box) {
    const css = 96 / 25.4, on = gl.getCanvas(), middle = gl.getCenter(), asked = Number(field("scale"));
    const grown = Math.log2(Math.min((box.width * css) / on.clientWidth, (box.height * css) / on.clientHeight));
    return {
      width: box.width * css, height: box.height * css, longitude: middle.lng, latitude: middle.lat,
      zoom: asked ? map.sheet.zoomOf(middle.lat, asked) : gl.getZoom() + grown,
      bearing: gl.getBearing(), pitch: gl.getPitch(),
    };
  }

  function idle(gl) {
    return new Promise(function (done, fail) {
      const late = window.setTimeout(function () { fail(new Error("timeout")); }, PATIENCE);
      gl.once("idle", function () { window.clearTimeout(late); done(); });
      gl.triggerRepaint();
    });
  }

  /* What the browser itself laid over the map: a selection, a measurement, the clicked place. */
  function copyOverlays(from, to) {
    const style = from.getStyle(), is = function (id) { return id.indexOf("overlay-") === 0; };
    Object.keys(style.sources).filter(is).forEach(function (id) { to.addSource(id, style.sources[id]); });
    style.layers.forEach(function (layer) { if (layer.source && is(layer.source)) to.addLayer(layer); });
  }

  function newMap(view) {
    const holder = document.createElement("div");
    holder.className = "print-hidden-map";
    holder.style.cssText = "width:" + view.width + "px;height:" + view.height + "px";
    document.body.appendChild(holder);
    return new map.gl.constructor({
      container: holder, style: state.made.ground, center: [view.longitude, view.latitude], zoom: view.zoom,
      bearing: view.bearing, pitch: view.pitch, maxPitch: 85, pixelRatio: map.sheet.DPI / 96, interactive: false,
      attributionControl: false, fadeDuration: 0, localIdeographFontFamily: FONTS,
      canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true },
    });
  }

  /* A map's style drawn anew by a map that nobody sees, in the colours of paper. */
  function shoot(source, wanted, box) {
    const view = viewOf(source.gl, box), gl = newMap(view);
    return gl.once("load").then(function () {
      gl.addLayer({ id: "gengxin-probe", type: "custom", onAdd: function () {}, render: function () {} });
      map.applyStyle(gl, wanted, map.params());
      copyOverlays(source.gl, gl);
      return wanted.states ? fetch(wanted.states.url).then(function (answer) { return answer.json(); }) : null;
    }).then(function () { return idle(gl); }).then(function () { return window.createImageBitmap(gl.getCanvas()); })
      .then(function (picture) { return { picture: picture, view: view, title: source.title }; })
      .finally(function () {
        const holder = gl.getContainer();
        gl.remove();
        holder.remove();
      });
  }

  /* --- what the legend shows, read from the page --- */

  function look(swatch) {
    const style = getComputedStyle(swatch), clear = "rgba(0, 0, 0, 0)", line = parseFloat(style.borderTopWidth);
    return {
      width: swatch.offsetWidth, height: swatch.offsetHeight, round: parseFloat(style.borderTopLeftRadius) > 5 || style.borderTopLeftRadius === "50%",
      fill: style.backgroundColor === clear ? null : style.backgroundColor, opacity: Number(style.opacity),
      line: line ? style.borderTopColor : null, stroke: line, dash: style.borderTopStyle === "dashed",
    };
  }

  function legend() {
    const found = [];
    document.querySelectorAll("#print-legend :is(.title, .class, .how, h2, h3)").forEach(function (entry) {
      const text = entry.textContent.trim(), swatch = entry.querySelector(".swatch");
      if (!text) return;
      const kind = entry.matches(".how") ? "note" : entry.matches(".class") ? "class" : "title";
      const count = entry.querySelector(".count"), label = swatch ? swatch.nextElementSibling : null;
      found.push({
        first: entry === entry.parentElement.firstElementChild || entry.parentElement.id === "print-legend", kind: kind, words: label ? label.textContent : text, count: count ? count.textContent : "", look: swatch ? look(swatch) : null,
      });
    });
    return found;
  }

  /* --- the sheet --- */

  function plan() {
    const address = new URL(window.location.href);
    address.searchParams.delete("print");
    return {
      paper: paper(), with: chosen(), words: words(), facts: state.made.facts, title: field("title"), legend: legend(),
      address: decodeURI(address.href).replace(/%2C/g, ",").replace(/%3A/g, ":"),
    };
  }

  function busy(is, text) {
    byId("print-preview").setAttribute("aria-busy", String(is));
    dialog().querySelectorAll("[data-print]:not([data-print=close])").forEach(function (button) { button.disabled = is || !state.drawn; });
    map.say("print-status", text);
  }

  function frames(wanted, sources) {
    const aside = (wanted.with.legend && wanted.legend.length) || wanted.with.districts || (wanted.with.project && wanted.facts.project);
    return map.sheet.layout(wanted.paper, sources.length, Boolean(aside)).frames;
  }

  /* Draw the maps again only where their frames, the scale or the view changed. */
  function shots(wanted) {
    const sources = shown().slice(0, state.made.styles.length), boxes = frames(wanted, sources);
    const key = JSON.stringify([boxes, field("scale"), window.location.search]);
    if (key !== state.key) {
      state.key = key;
      state.shots = boxes.reduce(function (before, box, i) {
        return before.then(function (made) {
          return shoot(sources[i], state.made.styles[i], box).then(function (shot) { return made.concat(shot); });
        });
      }, Promise.resolve([]));
      state.shots.catch(function () { state.key = ""; });
    }
    return state.shots;
  }

  function draw() {
    const turn = (state.turn += 1), wanted = plan();
    busy(true, words().drawing);
    return Promise.all([shots(wanted), document.fonts.ready]).then(function (got) {
      if (turn !== state.turn) return;
      map.sheet.compose(state.canvas, wanted, got[0]);
      state.drawn = true;
      busy(false, filled("drawn", { width: state.canvas.width, height: state.canvas.height }));
    }).catch(function (error) {
      if (turn === state.turn) busy(false, filled("failed", { reason: error.message }));
    });
  }

  function redraw() {
    window.clearTimeout(state.timer);
    state.timer = window.setTimeout(function () { if (state.made) draw(); }, PAUSE);
  }

  /* --- opening and closing --- */

  function remember(isOpen) {
    const now = map.params();
    if (isOpen) now.set("print", "1");
    else now.delete("print");
    window.history.replaceState(window.history.state, "", window.location.pathname + "?" + now.toString().replace(/%2C/g, ",").replace(/%3A/g, ":"));
  }

  function open() {
    if (!dialog() || dialog().open) return;
    Object.assign(state, { made: null, key: "", drawn: false, canvas: document.createElement("canvas"), asked: state.asked + 1 });
    byId("print-preview").replaceChildren(state.canvas);
    state.canvas.hidden = true;
    dialog().showModal();
    remember(true);
    busy(true, map.gl ? words().drawing : words().no_map);
    if (map.gl) map.set("print-asked", { data: { search: window.location.search, turn: state.asked } });
  }

  /* The server's answer: what the sheet says, and how its maps are drawn. */
  function made(answer) {
    if (!answer || !dialog() || !dialog().open || answer.turn !== state.asked) return;
    state.made = answer;
    state.canvas.hidden = false;
    byId("print-with-project").closest(".mantine-Checkbox-root").hidden = !answer.facts.project;
    map.set("print-title", { value: answer.facts.title });
    redraw();
  }

  /* --- handing out --- */

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
  }

  function pdf(picture) {
    const query = new URLSearchParams({ paper: paper().name, title: field("title"), city: dialog().dataset.city });
    return fetch("/api/v1/print.pdf?" + query, { method: "POST", body: picture, headers: { "Content-Type": "image/png" } })
      .then(function (answer) {
        if (answer.ok) return answer.blob();
        return answer.json().then(function (body) { throw new Error(body.detail); });
      });
  }

  function onPaper(picture) {
    const size = paper(), image = document.createElement("img"), style = document.createElement("style");
    style.textContent = "@page { size: " + size.width + "mm " + size.height + "mm; margin: 0 }";
    image.id = "print-paper-sheet";
    image.alt = field("title");
    image.src = URL.createObjectURL(picture);
    return image.decode().then(function () {
      dialog().close();
      document.body.append(image, style);
      document.body.classList.add("printing-sheet");
      window.addEventListener("afterprint", function () {
        document.body.classList.remove("printing-sheet");
        URL.revokeObjectURL(image.src);
        image.remove();
        style.remove();
      }, { once: true });
      window.print();
    });
  }

  function hand(kind) {
    const name = state.made.facts.file;
    busy(true, words().drawing);
    map.sheet.png(state.canvas).then(function (picture) {
      if (kind === "png") return save(picture, name + ".png");
      if (kind === "paper") return onPaper(picture);
      return pdf(picture).then(function (made) { save(made, name + ".pdf"); });
    }).then(function () {
      busy(false, filled("drawn", { width: state.canvas.width, height: state.canvas.height }));
    }).catch(function (error) { busy(false, filled("failed", { reason: error.message })); });
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("#map-print [data-print]");
    if (!button) return;
    if (button.dataset.print === "close") dialog().close();
    else hand(button.dataset.print);
  });

  ["input", "change"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (event.target.closest && event.target.closest("#map-print")) redraw();
    });
  });

  document.addEventListener("close", function (event) {
    if (event.target.id === "map-print") remember(false);
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !dialog()) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName) || document.querySelector("dialog[open], .mantine-Modal-content")) return;
    open();
  });

  map.print = { open: open };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    mapPrint: {
      made: function (answer) {
        if (!answer && map.params().get("print") === "1") map.ready(open);
        made(answer);
        return window.dash_clientside.no_update;
      },
    },
  });
})();
