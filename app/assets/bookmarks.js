/* Bookmarks of the map: a name and an address each, kept in this browser and carried from one to another as a file. */
(function () {
  "use strict";
  const KEY = "gengxin-bookmarks", MOST = 200, LONGEST = 80, LONGEST_ADDRESS = 20000;

  function map() {
    return window.gengxinMap;
  }

  function byId(id) {
    return document.getElementById(id);
  }

  function words(name) {
    return JSON.parse(byId("map-bookmarks").dataset.texts)[name];
  }

  function say(sentence) {
    byId("bookmark-said").textContent = sentence || "";
  }

  /* --- what is kept --- */

  /* Only a path of this site with its query is a bookmark: nothing that a file brings leads elsewhere or runs. */
  function sound(one) {
    if (!one || typeof one.name !== "string" || typeof one.address !== "string") return false;
    if (!one.name.trim() || one.address.length > LONGEST_ADDRESS || !/^\/map(\?|$)/.test(one.address)) return false;
    return new URL(one.address, window.location.origin).origin === window.location.origin;
  }

  function read() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEY) || "[]");
      return Array.isArray(kept) ? kept.filter(sound) : [];
    } catch (error) {
      return [];
    }
  }

  function write(list) {
    try {
      window.localStorage.setItem(KEY, JSON.stringify(list));
    } catch (error) {
      return void say(words("no_store"));
    }
    show();
  }

  function named(name, address) {
    return { name: name.trim().slice(0, LONGEST), address: address };
  }

  function here() {
    return window.location.pathname + window.location.search;
  }

  /* --- what can be done --- */

  function add() {
    const field = byId("bookmark-name"), list = read();
    if (!field.value.trim()) return void field.focus();
    if (list.length >= MOST) return void say(words("full"));
    const one = named(field.value, here());
    field.value = "";
    say("");
    write(list.filter(function (kept) { return kept.name !== one.name; }).concat([one]));
  }

  function rename(place, item) {
    const field = document.createElement("input"), list = read();
    field.value = list[place].name;
    field.maxLength = LONGEST;
    field.setAttribute("aria-label", words("rename"));
    item.replaceChildren(field);
    field.focus();
    field.select();
    let done = false;
    const finish = function (keep) {
      if (done) return;
      done = true;
      if (keep && field.value.trim()) list[place] = named(field.value, list[place].address);
      write(list);
    };
    field.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === "Escape") finish(event.key === "Enter");
      event.stopPropagation();
    });
    field.addEventListener("blur", function () { finish(true); });
  }

  function remove(place) {
    const list = read();
    list.splice(place, 1);
    write(list);
    byId("bookmark-name").focus();
  }

  function download() {
    const file = new Blob([JSON.stringify({ gengxin: "bookmarks", bookmarks: read() }, null, 1)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "gengxin-bookmarks.json";
    link.click();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  function upload() {
    const field = document.createElement("input");
    field.type = "file";
    field.accept = ".json,application/json";
    field.addEventListener("change", function () {
      if (field.files.length) field.files[0].text().then(take, function () { say(words("bad_file")); });
    });
    field.click();
  }

  function take(text) {
    let given = [];
    try {
      given = (JSON.parse(text).bookmarks || []).filter(sound);
    } catch (error) {
      given = [];
    }
    if (!given.length) return void say(words("bad_file"));
    const taken = given.map(function (one) { return named(one.name, one.address); });
    const fresh = taken.map(function (one) { return one.name; });
    const kept = read().filter(function (one) { return fresh.indexOf(one.name) < 0; });
    write(kept.concat(taken).slice(0, MOST));
    say(words("imported").replace("{count}", taken.length));
  }

  /* --- the list --- */

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  function row(one, place) {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = one.address;
    link.textContent = one.name;
    item.append(link,
      button(words("rename"), function () { rename(place, item); }),
      button(words("delete"), function () { remove(place); }));
    return item;
  }

  /* The field is plain: what it holds is at once what one reads and clears. */
  function lay() {
    if (byId("bookmark-name")) return;
    const field = document.createElement("input");
    field.id = "bookmark-name";
    field.maxLength = LONGEST;
    field.autocomplete = "off";
    field.placeholder = words("name");
    field.setAttribute("aria-label", words("name"));
    byId("bookmark-field").append(field);
  }

  function show() {
    const list = read();
    byId("bookmark-list").replaceChildren.apply(byId("bookmark-list"), list.map(row));
    byId("bookmark-none").hidden = list.length > 0;
  }

  function toggle() {
    lay();
    map().toggleBox("map-bookmarks", "bookmarks");
    say("");
    show();
    if (!byId("map-bookmarks").hidden) byId("bookmark-name").focus();
  }

  const TOOLS = { bookmarks: toggle, "bookmark-add": add, "bookmarks-export": download, "bookmarks-import": upload };

  document.addEventListener("DOMContentLoaded", function () {
    if (map()) Object.assign(map().tools, TOOLS);
  });

  document.addEventListener("keydown", function (event) {
    const box = byId("map-bookmarks");
    if (!box || event.defaultPrevented) return;
    if (event.key === "Enter" && event.target.id === "bookmark-name") return void add();
    if (event.key === "Escape" && !box.hidden && box.contains(event.target)) {
      toggle();
      return void document.querySelector('[data-map-tool="bookmarks"]').focus();
    }
    const busy = event.ctrlKey || event.metaKey || event.altKey || map().state.drawing;
    if (event.key !== "b" || busy || /^(input|textarea|select)$/i.test(event.target.tagName)) return;
    event.preventDefault();
    toggle();
  });
})();
