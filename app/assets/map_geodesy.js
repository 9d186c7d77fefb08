/* Lengths and areas on the WGS 84 ellipsoid, and how they are written. */
(function () {
  "use strict";
  const A = 6378137, E2 = 0.00669437999014, E = Math.sqrt(E2);

  function radians(degrees) {
    return (degrees * Math.PI) / 180;
  }

  /* The geodesic between two places by Vincenty's formula; where that does not settle, they are all but opposite. */
  function distance(from, to) {
    const F = 1 - Math.sqrt(1 - E2), B = A * (1 - F), span = radians(to[0] - from[0]);
    const u1 = Math.atan((1 - F) * Math.tan(radians(from[1]))), u2 = Math.atan((1 - F) * Math.tan(radians(to[1])));
    const s1 = Math.sin(u1), c1 = Math.cos(u1), s2 = Math.sin(u2), c2 = Math.cos(u2);
    let lambda = span;
    for (let i = 0; i < 100; i++) {
      const sl = Math.sin(lambda), cl = Math.cos(lambda), sine = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
      if (sine === 0) return 0;
      const cosine = s1 * s2 + c1 * c2 * cl, sigma = Math.atan2(sine, cosine), alpha = (c1 * c2 * sl) / sine;
      const cos2 = 1 - alpha * alpha, mid = cos2 ? cosine - (2 * s1 * s2) / cos2 : 0;
      const c = (F / 16) * cos2 * (4 + F * (4 - 3 * cos2)), before = lambda;
      lambda = span + (1 - c) * F * alpha * (sigma + c * sine * (mid + c * cosine * (2 * mid * mid - 1)));
      if (Math.abs(lambda - before) > 1e-12) continue;
      const k = (cos2 * (A * A - B * B)) / (B * B);
      const a = 1 + (k / 16384) * (4096 + k * (k * (320 - 175 * k) - 768));
      const b = (k / 1024) * (256 + k * (k * (74 - 47 * k) - 128));
      const last = (b / 6) * mid * (4 * sine * sine - 3) * (4 * mid * mid - 3);
      return B * a * (sigma - b * sine * (mid + (b / 4) * (cosine * (2 * mid * mid - 1) - last)));
    }
    return Math.PI * B;
  }

  function segments(line) {
    return line.slice(1).map(function (to, i) { return distance(line[i], to); });
  }

  function length(line) {
    return segments(line).reduce(function (sum, part) { return sum + part; }, 0);
  }

  function authalic(lat) {
    const sine = Math.sin(radians(lat));
    return (1 - E2) * (sine / (1 - E2 * sine * sine) + Math.log((1 + E * sine) / (1 - E * sine)) / (2 * E));
  }

  function ringArea(ring) {
    let sum = 0;
    for (let i = 0; i < ring.length; i++) {
      const next = ring[(i + 1) % ring.length];
      sum += radians(next[0] - ring[i][0]) * (authalic(ring[i][1]) + authalic(next[1]));
    }
    return Math.abs((sum * A * A) / 4);
  }

  function area(features) {
    return features.reduce(function (sum, feature) {
      const rings = feature.geometry.type === "Polygon" ? feature.geometry.coordinates : [];
      return sum + rings.reduce(function (part, ring, i) { return part + (i ? -1 : 1) * ringArea(ring); }, 0);
    }, 0);
  }

  function number(value, digits) {
    return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function lengthWords(metres) {
    return metres >= 1000 ? number(metres / 1000, 3) + " km" : number(metres, 1) + " m";
  }

  /* The newest segments and the sum of all: 120.5 m + 80.0 m = 200.5 m. */
  function lineWords(line) {
    const parts = segments(line), shown = parts.slice(-3).map(lengthWords);
    if (parts.length > 3) shown.unshift("…");
    return (parts.length > 1 ? shown.join(" + ") + " = " : "") + lengthWords(length(line));
  }

  function areaWords(squareMetres) {
    return number(squareMetres / 1e6, 4) + " km² · " + number(squareMetres / 1e4, 2) + " ha";
  }

  window.gengxinMap.geodesy = {
    length: length, area: area, ringArea: ringArea, lengthWords: lengthWords, areaWords: areaWords, lineWords: lineWords,
  };
})();
