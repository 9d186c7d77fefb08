/* The time slider: a track that is dragged, stepped by keys and played; the day stands in the address. */
(function () {
  "use strict";
  const STEP = 900, SETTLE = 180;
  /* What of an address decides how the slider looks; the day only moves it. */
  const OWN = ["v", "day", "at", "sel", "draw", "panel", "layers", "dim", "by", "compare", "3d", "labels"];
  const state = { timer: null, playing: null, drag: false, at: null };

  const byId = function (id) { return document.getElementById(id); };
  const params = function () { return new URLSearchParams(window.location.search); };
  const frame = function () { return document.querySelector("#map-time .frame"); };
  const kind = function () { return frame().dataset.kind; };
  const stops = function () { return JSON.parse(frame().dataset.stops); };
  const isOpen = function (now) { return Boolean(now.get("time") || (now.get("day") && !now.get("compare"))) && now.get("embed") !== "1"; };

  function query(now) {
    const text = now.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
    return text ? "?" + text : "";
  }

  /* The slider moves often: it takes the place of the address instead of adding to the history. */
  function replace(changes) {
    const now = params();
    Object.keys(changes).forEach(function (name) {
      if (changes[name]) now.set(name, changes[name]);
      else now.delete(name);
    });
    const search = query(now);
    if (search === query(params())) return;
    const href = window.location.origin + window.location.pathname + search;
    window.history.replaceState(window.history.state, "", href);
    window.dash_clientside.set_props("url", { search: search, href: href });
  }

  /* --- where the slider stands --- */

  function position(now) {
    const list = stops(), last = list.length - 1;
    if (kind() === "year") {
      const years = (now.get("year") || "").split(",").filter(Boolean).sort();
      const found = list.indexOf(years[years.length - 1]);
      return found < 0 ? last : found;
    }
    const day = now.get("day");
    if (!day) return last;
    const next = list.findIndex(function (stop) { return stop >= day; });
    if (next <= 0) return next < 0 ? last : 0;
    const from = Date.parse(list[next - 1]), to = Date.parse(list[next]);
    return next - 1 + Math.min(Math.max((Date.parse(day) - from) / (to - from), 0), 1);
  }

  function words(now) {
    if (kind() === "day") return now.get("day") || frame().dataset.today;
    const list = stops();
    return now.get("year") ? "≤ " + list[Math.round(position(now))] : frame().dataset.today;
  }

  function draw(place, said) {
    const track = frame().querySelector(".track"), last = stops().length - 1;
    state.at = place;
    track.querySelector(".now").style.left = (last ? (place / last) * 100 : 100) + "%";
    track.querySelector(".thumb").textContent = said;
    track.setAttribute("aria-valuenow", String(Math.round(place)));
    track.setAttribute("aria-valuetext", said);
    const field = frame().querySelector(".day input");
    if (field && document.activeElement !== field) field.value = /^\d{4}-/.test(said) ? said : "";
  }

  function read() {
    if (frame() && !state.drag) draw(position(params()), words(params()));
  }

  /* --- moving it --- */

  function changes(place) {
    const list = stops(), now = params();
    if (kind() === "year") {
      const whole = place >= list.length - 1;
      return { time: "year", day: "", year: whole ? "" : list.slice(0, place + 1).join(",") };
    }
    return { day: list[place], by: now.get("by") || "stage" };
  }

  function moveTo(place) {
    const list = stops(), stop = Math.min(Math.max(Math.round(place), 0), list.length - 1);
    if (stop === state.at) return;
    draw(stop, kind() === "year" ? "≤ " + list[stop] : list[stop]);
    window.clearTimeout(state.timer);
    state.timer = window.setTimeout(function () { replace(changes(stop)); }, SETTLE);
  }

  function step(by) {
    moveTo(by > 0 ? Math.floor(state.at) + by : Math.ceil(state.at) + by);
  }

  function pause() {
    window.clearInterval(state.playing);
    state.playing = null;
    const button = document.querySelector('#map-time [data-time="play"]');
    if (button) {
      button.setAttribute("aria-pressed", "false");
      button.classList.remove("on");
    }
  }

  function play() {
    if (state.playing) return pause();
    const last = stops().length - 1, button = document.querySelector('#map-time [data-time="play"]');
    if (state.at >= last) moveTo(0);
    button.setAttribute("aria-pressed", "true");
    button.classList.add("on");
    state.playing = window.setInterval(function () {
      if (!frame() || state.at >= last) return pause();
      const gl = window.gengxinMap && window.gengxinMap.gl;
      if (!gl || gl.areTilesLoaded()) step(1);
    }, STEP);
  }

  const ACTIONS = {
    open: function () { return isOpen(params()) ? ACTIONS.close() : replace({ time: "day" }); },
    close: function () {
      pause();
      replace({ time: "", day: "", year: frame() && kind() === "year" ? "" : params().get("year") });
    },
    reset: function () {
      pause();
      replace(kind() === "year" ? { year: "" } : { day: "", time: "day" });
    },
    day: function () { replace({ time: "day", year: "" }); },
    year: function () { replace({ time: "year", day: "" }); },
    back: function () { pause(); step(-1); },
    forward: function () { pause(); step(1); },
    play: play,
  };

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-time]");
    if (button) ACTIONS[button.dataset.time](button);
  });

  function placeOf(event) {
    const box = frame().querySelector(".track").getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * (stops().length - 1);
  }

  document.addEventListener("pointerdown", function (event) {
    const track = event.target.closest && event.target.closest("#map-time .track");
    if (!track || event.button) return;
    event.preventDefault();
    pause();
    state.drag = true;
    track.setPointerCapture(event.pointerId);
    track.focus();
    moveTo(placeOf(event));
  });
  document.addEventListener("pointermove", function (event) {
    if (state.drag && frame()) moveTo(placeOf(event));
  });
  ["pointerup", "pointercancel"].forEach(function (name) {
    document.addEventListener(name, function () { state.drag = false; });
  });

  document.addEventListener("keydown", function (event) {
    if (!event.target.closest || !event.target.closest("#map-time .track")) return;
    const year = kind() === "day" ? 12 : 1, last = stops().length - 1;
    const moves = {
      ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -year, PageUp: year,
    };
    if (event.key === " ") play();
    else if (event.key === "Home" || event.key === "End") moveTo(event.key === "Home" ? 0 : last);
    else if (moves[event.key]) { pause(); step(moves[event.key]); }
    else return;
    event.preventDefault();
  });

  /* Dash has no field for a date of the browser's own. */
  function dateField() {
    const place = frame() && frame().querySelector(".day");
    if (!place || kind() !== "day" || place.querySelector("input")) return;
    const field = document.createElement("input");
    field.type = "date";
    field.setAttribute("aria-label", place.dataset.label);
    field.addEventListener("change", function () {
      if (field.value) replace({ day: field.value, by: params().get("by") || "stage" });
    });
    place.appendChild(field);
  }

  const watcher = new ResizeObserver(function (seen) {
    byId("map-box").style.setProperty("--time-height", Math.round(seen[0].contentRect.height) + "px");
  });

  function watch() {
    watcher.disconnect();
    if (byId("map-time")) watcher.observe(byId("map-time"));
  }

  const callbacks = {
    asked: function (search) {
      const now = new URLSearchParams(search || ""), box = byId("map-time"), shown = isOpen(now);
      if (!box) return window.dash_clientside.no_update;
      box.hidden = !shown;
      byId("map-box").classList.toggle("with-time", shown);
      const opener = document.querySelector('[data-time="open"]');
      if (opener) opener.setAttribute("aria-expanded", String(shown));
      if (!shown) pause();
      else read();
      OWN.forEach(function (name) { now.delete(name); });
      if ((now.get("time") || "day") === "year") now.delete("year");
      now.set("time", now.get("time") || "day");
      const key = shown ? query(now) : null;
      if (key === state.key && (frame() || !shown)) return window.dash_clientside.no_update;
      state.key = key;
      return key;
    },
    shown: function () {
      window.requestAnimationFrame(function () {
        watch();
        dateField();
        read();
      });
      return window.dash_clientside.no_update;
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { mapTime: callbacks });
})();
