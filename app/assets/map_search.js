/* A choice of the search box goes there; "/" leads into the box. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  let offers = null, awaited = "", typed = "";

  function choose(place) {
    if (place.sel) {
      if (place.sel === map.params().get("sel")) map.state.jumped = null;
      return void map.setParams({ sel: place.sel, at: "" });
    }
    if (place.district) return void map.setParams({ district: place.district, sel: "", at: "" });
    if (place.bounds) return void map.fit(place.bounds);
    map.setParams({ at: place.at.join(","), sel: "" });
    map.go({ longitude: place.at[0], latitude: place.at[1], zoom: place.at[2], pitch: 0, bearing: 0 });
  }

  /* Enter chooses the marked offer, else the first, also one that is still on its way: offers for fewer letters than
     were typed are not what is asked for. */
  function enter(event) {
    const box = event.target, list = map.byId(box.getAttribute("aria-controls"));
    const isLate = typed && !(offers && offers.words === typed);
    if (!isLate && list && list.querySelector("[data-combobox-selected]")) return;
    if (isLate) event.stopPropagation();
    awaited = box.value.trim();
    settle(box);
  }

  function settle(box) {
    if (!awaited || !offers || offers.words !== awaited) return;
    const first = Object.keys(offers.to)[0], still = box && box.value.trim() === awaited;
    awaited = "";
    if (!first || !still) return;
    map.set("map-search", { value: first });
    box.blur();
  }

  document.addEventListener("input", function (event) {
    if (event.target.id === "map-search") typed = event.target.value.trim();
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.id === "map-search") return void enter(event);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !map.byId("map-search")) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName)) return;
    event.preventDefault();
    map.byId("map-search").focus();
  }, true);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    mapSearch: {
      found: function (words, given) {
        const told = window.dash_clientside.callback_context.triggered;
        const typed = told.some(function (one) { return one.prop_id === "map-search.value"; });
        offers = given;
        if (typed && words && given && Object.hasOwn(given.to, words)) choose(given.to[words]);
        else settle(map.byId("map-search"));
        return window.dash_clientside.no_update;
      },
    },
  });
})();
