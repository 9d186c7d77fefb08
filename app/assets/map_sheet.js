/* The sheet of a printed map: title, map frames, legend, tables and sources laid out on a canvas at 200 dpi. */
(function () {
  "use strict";
  const map = window.gengxinMap;
  if (!map) return;
  const DPI = 200, MM = DPI / 25.4, CSS_PIXEL = 0.0254 / 96, EQUATOR = 40075016.686, TILE = 512;
  const MARGIN = 9, GAP = 3, COLUMN = 62, BAND = 64, READABLE = 0.8, SMALLEST = 0.6;
  const INK = "#1c2127", MUTED = "#5d6670", RULE = "#b9bdba", MARK = "#b04d08";
  const FONT = getComputedStyle(document.documentElement).getPropertyValue("--font") || "sans-serif";

  /* Metres of ground that a CSS pixel of a map covers at a latitude and zoom. */
  function metresPerPixel(latitude, zoom) {
    return (EQUATOR * Math.cos((latitude * Math.PI) / 180)) / (TILE * Math.pow(2, zoom));
  }

  const ratioOf = function (latitude, zoom) { return metresPerPixel(latitude, zoom) / CSS_PIXEL; };

  const zoomOf = function (latitude, ratio) { return Math.log2(metresPerPixel(latitude, 0) / (ratio * CSS_PIXEL)); };

  function significant(number) {
    const step = Math.pow(10, Math.max(Math.floor(Math.log10(number)) - 2, 0));
    return (Math.round(number / step) * step).toLocaleString("en");
  }

  /* The longest of 1, 2, 5 times a power of ten that is not above a length. */
  function roundLength(most) {
    const power = Math.pow(10, Math.floor(Math.log10(most)));
    return [5, 2, 1].find(function (part) { return part * power <= most; }) * power;
  }

  const lengthWords = function (metres) { return metres >= 1000 ? metres / 1000 + " km" : metres + " m"; };

  /* --- where things stand, in millimetres --- */

  function layout(paper, frames, aside) {
    const right = paper.width - MARGIN, top = MARGIN + 15, bottom = paper.height - MARGIN - 14;
    const wide = paper.width > paper.height, box = { x: MARGIN, y: top, width: right - MARGIN, height: bottom - top };
    const room = { columns: [], y: top, bottom: bottom };
    if (aside && wide) {
      box.width -= COLUMN + GAP;
      room.columns.push({ x: right - COLUMN, width: COLUMN });
    } else if (aside) {
      box.height -= BAND + GAP;
      room.y = bottom - BAND;
      const count = Math.max(Math.floor((box.width + GAP) / (COLUMN + GAP)), 2);
      const width = (box.width - GAP * (count - 1)) / count;
      for (let i = 0; i < count; i += 1) room.columns.push({ x: MARGIN + i * (width + GAP), width: width });
    }
    const across = (box.width - GAP * (frames - 1)) / frames;
    const boxes = Array.from({ length: frames }, function (_, i) {
      return { x: box.x + i * (across + GAP), y: box.y, width: across, height: box.height };
    });
    return { frames: boxes, room: room, right: right, footer: bottom + 3 };
  }

  /* --- drawing --- */

  function pen(canvas) {
    const on = canvas.getContext("2d", { alpha: false }), draw = { on: on };
    const px = function (mm) { return mm * MM; };
    draw.font = function (size, weight) { on.font = (weight || 400) + " " + px(size) + "px " + FONT; };
    draw.box = function (box, fill, line, width) {
      if (fill) { on.fillStyle = fill; on.fillRect(px(box.x), px(box.y), px(box.width), px(box.height)); }
      if (!line) return;
      on.strokeStyle = line; on.lineWidth = px(width || 0.2);
      on.strokeRect(px(box.x), px(box.y), px(box.width), px(box.height));
    };
    draw.width = function (words) { return on.measureText(words).width / MM; };
    draw.text = function (words, x, y, colour, align) {
      on.fillStyle = colour || INK; on.textAlign = align || "left"; on.textBaseline = "alphabetic";
      on.fillText(words, px(x), px(y));
    };
    draw.line = function (x1, y1, x2, y2, colour, width) {
      on.strokeStyle = colour || RULE; on.lineWidth = px(width || 0.15);
      on.beginPath(); on.moveTo(px(x1), px(y1)); on.lineTo(px(x2), px(y2)); on.stroke();
    };
    draw.shape = function (points, fill, line) {
      on.beginPath();
      points.forEach(function (at) { on.lineTo(px(at[0]), px(at[1])); });
      on.closePath();
      if (fill) { on.fillStyle = fill; on.fill(); }
      if (line) { on.strokeStyle = line; on.lineWidth = px(0.25); on.stroke(); }
    };
    return draw;
  }

  /* Break a text into lines of a width: between words, and between any two letters of Chinese. */
  function wrapped(draw, words, width, most) {
    const parts = String(words).match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+/g) || [], lines = [""];
    parts.forEach(function (part) {
      const last = lines.length - 1;
      if (!lines[last] || draw.width(lines[last] + part) <= width) lines[last] = lines[last] + part;
      else lines.push(part.trim());
    });
    if (!most || lines.length <= most) return lines.map(function (line) { return fitted(draw, line, width); });
    return lines.slice(0, most - 1).concat(fitted(draw, lines.slice(most - 1).join(" "), width));
  }

  function fitted(draw, words, width) {
    if (draw.width(words) <= width) return words;
    let kept = words;
    while (kept && draw.width(kept + "…") > width) kept = kept.slice(0, -1);
    return kept + "…";
  }

  /* --- blocks beside the map: each draws itself at a place in a size and returns where it ends --- */

  function block(gap, drawn) { return { gap: gap, draw: drawn }; }

  function heading(draw, words, at, size) {
    draw.font(3.1 * size, 650);
    const lines = wrapped(draw, words, at.width, 3);
    lines.forEach(function (line, i) { draw.text(line, at.x, at.y + (i + 1) * 4 * size); });
    return at.y + lines.length * 4 * size + 1.2 * size;
  }

  function swatch(draw, look, x, y, size) {
    const on = draw.on, wide = Math.min(look.width, 22) * 0.26 * size, high = Math.min(look.height, 18) * 0.26 * size;
    const left = (x + (5 * size - wide) / 2) * MM, up = (y - high / 2) * MM;
    on.beginPath();
    if (look.round) on.ellipse(left + (wide * MM) / 2, up + (high * MM) / 2, (wide * MM) / 2, (high * MM) / 2, 0, 0, 7);
    else on.rect(left, up, wide * MM, high * MM);
    on.globalAlpha = look.opacity;
    if (look.fill) { on.fillStyle = look.fill; on.fill(); }
    if (look.line) { on.strokeStyle = look.line; on.lineWidth = look.stroke * 0.26 * MM * size; on.setLineDash(look.dash ? [4, 3] : []); on.stroke(); }
    on.setLineDash([]);
    on.globalAlpha = 1;
  }

  function legendEntry(draw, entry, at, size) {
    if (entry.kind === "title") return heading(draw, entry.words, at, size);
    const inset = entry.look ? 6.6 * size : 0, isNote = entry.kind === "note";
    draw.font((isNote ? 2.2 : 2.6) * size);
    const room = at.width - inset - (entry.count ? draw.width(entry.count) + 1 : 0);
    const lines = wrapped(draw, entry.words, room, 4), step = (isNote ? 3 : 3.7) * size;
    if (entry.look) swatch(draw, entry.look, at.x, at.y + step * 0.55, size);
    if (entry.count) draw.text(entry.count, at.x + at.width, at.y + step * 0.8, MUTED, "right");
    lines.forEach(function (line, i) { draw.text(line, at.x + inset, at.y + step * (i + 0.8), isNote ? MUTED : INK); });
    return at.y + (lines.length * step + 0.5 * size);
  }

  /* Entries of a legend may stand in different columns; a title stays with the entry below it. */
  function legendBlocks(entries) {
    const kept = [];
    entries.forEach(function (entry, i) {
      if (i && entries[i - 1].kind === "title" && entry.kind !== "title") kept[kept.length - 1].entries.push(entry);
      else kept.push({ gap: entry.first ? GAP : 0, entries: [entry] });
    });
    return kept.map(function (group) {
      return block(group.gap, function (draw, at, size) {
        return group.entries.reduce(function (y, entry) { return legendEntry(draw, entry, Object.assign({}, at, { y: y }), size); }, at.y);
      });
    });
  }

  /* Figures are never cut: their columns are as wide as they are, and the names have the rest. */
  function tableBlock(table) {
    return block(GAP, function (draw, at, size) {
      const step = 3.9 * size, gap = 2 * size;
      let y = at.y;
      draw.font(2.3 * size);
      const longest = Math.max.apply(null, table.rows.map(function (row) { return draw.width(row[0]); }));
      const widths = table.heads.slice(1).map(function (head, i) {
        const cells = table.rows.map(function (row) { return draw.width(row[i + 1]); });
        return Math.max.apply(null, cells.concat(9 * size)) + gap;
      });
      const rest = at.width - widths.reduce(function (sum, width) { return sum + width; }, 0);
      const above = rest < Math.min(longest, 18 * size), first = above ? at.width : rest;
      const cell = function (words, i, down, colour) {
        const right = at.x + rest + widths.slice(0, i).reduce(function (sum, width) { return sum + width; }, 0);
        draw.text(i ? words : fitted(draw, words, first), i ? right : at.x, y + down, colour, i ? "right" : "left");
      };
      const line = function (cells, colour) {
        const lower = above && cells.length > 1 ? step * 0.85 : 0;
        cells.forEach(function (words, i) { cell(words, i, step * 0.75 + (i ? lower : 0), colour); });
        y += step + lower;
        draw.line(at.x, y, at.x + at.width, y);
      };
      const heads = table.heads.map(function (head, i) { return above && !i ? [""] : wrapped(draw, head, i ? widths[i - 1] - gap : first, 3); });
      const high = Math.max.apply(null, heads.map(function (lines) { return lines.length; }));
      heads.forEach(function (lines, i) {
        lines.forEach(function (words, row) { cell(words, i, (high - lines.length + row + 0.8) * 2.9 * size, MUTED); });
      });
      y += high * 2.9 * size + 0.8 * size;
      draw.line(at.x, y, at.x + at.width, y);
      const fits = Math.floor((at.bottom - y) / (step * (above ? 1.85 : 1))), all = table.rows.length <= fits;
      const shown = all ? table.rows.length : Math.max(fits - 1, 0);
      table.rows.slice(0, shown).forEach(function (row) { line(row, INK); });
      if (!all) line(["… +" + (table.rows.length - shown)], MUTED);
      return y + 1;
    });
  }

  function profileBlock(project) {
    return block(GAP, function (draw, at, size) {
      let y = heading(draw, project.title, at, size);
      draw.font(2.4 * size);
      project.facts.forEach(function (fact) {
        const lines = wrapped(draw, fact[1], at.width * 0.66, 3);
        draw.text(fitted(draw, fact[0], at.width * 0.32), at.x, y + 3 * size, MUTED);
        lines.forEach(function (words, i) { draw.text(words, at.x + at.width * 0.34, y + (3 + i * 3.4) * size); });
        y += lines.length * 3.4 * size + 0.7 * size;
      });
      return y;
    });
  }

  /* Put blocks into the columns in one size; says whether they fit. Without a bottom nothing is cut. */
  function place(draw, blocks, room, size, bottom) {
    let column = 0, y = room.y;
    return blocks.map(function (one) {
      const at = function () {
        return { x: room.columns[column].x, y: y, width: room.columns[column].width, bottom: bottom || Infinity };
      };
      if (y > room.y) y += one.gap * size;
      const end = y > room.y ? one.draw(pen(trial), Object.assign(at(), { bottom: Infinity }), size) : 0;
      if (end > room.bottom && column + 1 < room.columns.length) { column += 1; y = room.y; }
      y = one.draw(draw, at(), size);
      return y <= room.bottom;
    }).every(Boolean);
  }

  const trial = document.createElement("canvas");

  function largest(blocks, room, least) {
    let size = 1;
    while (size > least && !place(pen(trial), blocks, room, size)) size -= 0.05;
    return size;
  }

  function halved(room) {
    const halves = room.columns.map(function (column) {
      const width = (column.width - GAP) / 2;
      return [{ x: column.x, width: width }, { x: column.x + width + GAP, width: width }];
    });
    return Object.assign({}, room, { columns: halves.flat() });
  }

  /* The largest size in which everything fits, tried on a canvas that nobody sees; narrow columns before small letters. */
  function fill(draw, blocks, room) {
    if (!room.columns.length) return;
    const size = largest(blocks, room, READABLE);
    if (place(pen(trial), blocks, room, size)) return void place(draw, blocks, room, size, room.bottom);
    const narrow = halved(room);
    place(draw, blocks, narrow, largest(blocks, narrow, SMALLEST), room.bottom);
  }

  /* --- on the map --- */

  function scaleBar(draw, box, view, words) {
    const metres = metresPerPixel(view.latitude, view.zoom) / (CSS_PIXEL * 1000);
    const length = roundLength(metres * Math.min(45, box.width * 0.3)), long = length / metres;
    const x = box.x + 3, y = box.y + box.height - 5;
    draw.font(2.3);
    const note = words.scale.replace("{ratio}", "1:" + significant(ratioOf(view.latitude, view.zoom)));
    const wide = Math.max(long + 14, draw.width(note) + 4);
    draw.box({ x: x - 2, y: y - 8.4, width: wide, height: 11.6 }, "rgba(255,255,255,.86)");
    for (let i = 0; i < 4; i += 1) {
      draw.box({ x: x + (long / 4) * i, y: y, width: long / 4, height: 1.2 }, i % 2 ? "#ffffff" : INK, INK, 0.15);
    }
    draw.text("0", x, y - 1);
    draw.text(lengthWords(length / 2), x + long / 2, y - 1, INK, "center");
    draw.text(lengthWords(length), x + long, y - 1, INK, "center");
    draw.text(note, x, y - 4.8, MUTED);
    return { metres: length, dots: long * MM };
  }

  function northArrow(draw, box, bearing) {
    const on = draw.on, x = box.x + box.width - 9, y = box.y + 11;
    on.save();
    on.translate(x * MM, y * MM);
    on.beginPath(); on.arc(0, 0, 7 * MM, 0, 7); on.fillStyle = "rgba(255,255,255,.86)"; on.fill();
    on.rotate((-bearing * Math.PI) / 180);
    draw.shape([[0, -3.4], [1.9, 4], [0, 2.4]], INK, INK);
    draw.shape([[0, -3.4], [-1.9, 4], [0, 2.4]], "#ffffff", INK);
    draw.font(2.8, 700);
    draw.text("N", 0, -4, INK, "center");
    on.restore();
  }

  function stamp(draw, words, x, y, align) {
    draw.font(3, 700);
    const width = draw.width(words) + 4, left = align === "right" ? x - width : x;
    draw.box({ x: left, y: y, width: width, height: 5.4 }, "#fff4e8", MARK, 0.3);
    draw.text(words, left + 2, y + 3.8, MARK);
    return width;
  }

  function drawFrame(draw, box, shot, plan) {
    draw.on.drawImage(shot.picture, box.x * MM, box.y * MM, box.width * MM, box.height * MM);
    draw.box(box, null, INK, 0.25);
    if (plan.with.scale && !shot.view.pitch) shot.bar = scaleBar(draw, box, shot.view, plan.words);
    if (plan.with.north) northArrow(draw, box, shot.view.bearing);
    if (plan.facts.synthetic) stamp(draw, plan.facts.synthetic, box.x + 2, box.y + 2);
    if (!shot.title) return;
    draw.font(2.8, 600);
    const wide = draw.width(shot.title) + 4;
    draw.box({ x: box.x + box.width / 2 - wide / 2, y: box.y + 1.5, width: wide, height: 5 }, "rgba(255,255,255,.86)");
    draw.text(shot.title, box.x + box.width / 2, box.y + 5, INK, "center");
  }

  function drawHead(draw, place, plan) {
    const facts = plan.facts, room = place.right - MARGIN;
    const marked = facts.synthetic ? stamp(draw, facts.synthetic, place.right, MARGIN, "right") : 0;
    draw.font(5.4, 650);
    draw.text(fitted(draw, plan.title, room - marked - 3), MARGIN, MARGIN + 5);
    draw.font(2.6);
    const said = [plan.with.filters && facts.filters, plan.with.date && facts.printed].filter(Boolean).join("  ·  ");
    draw.text(fitted(draw, said, room), MARGIN, MARGIN + 10.6, MUTED);
  }

  function drawFoot(draw, place, plan) {
    const facts = plan.facts, room = place.right - MARGIN;
    draw.font(2.1);
    const source = plan.words.source.replace("{sources}", facts.sources.join("; "));
    const said = [plan.with.source && facts.sources.length ? source : "", facts.credit].filter(Boolean).join("  ·  ");
    const lines = wrapped(draw, said, room, 3).concat(fitted(draw, plan.address, room));
    lines.filter(Boolean).forEach(function (line, i) { draw.text(line, MARGIN, place.footer + 2 + i * 2.9, MUTED); });
  }

  function blocksOf(plan) {
    const blocks = [];
    if (plan.with.legend) blocks.push.apply(blocks, legendBlocks(plan.legend));
    if (plan.with.project && plan.facts.project) blocks.push(profileBlock(plan.facts.project));
    if (plan.with.districts && plan.facts.districts.rows.length) blocks.push(tableBlock(plan.facts.districts));
    return blocks;
  }

  /* Draw the whole sheet; what the synthetic data of a city are called stands on it whatever is left out. */
  function compose(canvas, plan, shots) {
    const paper = plan.paper, blocks = blocksOf(plan), place = layout(paper, shots.length, blocks.length > 0);
    canvas.width = paper.dots[0];
    canvas.height = paper.dots[1];
    const draw = pen(canvas);
    draw.box({ x: 0, y: 0, width: paper.width + 1, height: paper.height + 1 }, "#ffffff");
    drawHead(draw, place, plan);
    shots.forEach(function (shot, i) { drawFrame(draw, place.frames[i], shot, plan); });
    fill(draw, blocks, place.room);
    drawFoot(draw, place, plan);
  }

  /* --- the file --- */

  function crc(bytes) {
    let sum = ~0;
    bytes.forEach(function (byte) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    });
    return ~sum >>> 0;
  }

  /* The chunk that says a PNG's dots per metre, to stand behind its 33 bytes of signature and header. */
  function resolution() {
    const perMetre = Math.round(DPI / 0.0254), chunk = new DataView(new ArrayBuffer(21));
    [9, 0x70485973, perMetre, perMetre].forEach(function (number, i) { chunk.setUint32(i * 4, number); });
    chunk.setUint8(16, 1);
    chunk.setUint32(17, crc(new Uint8Array(chunk.buffer, 4, 13)));
    return chunk.buffer;
  }

  function png(canvas) {
    return new Promise(function (done) { canvas.toBlob(done, "image/png"); }).then(function (blob) {
      return new Blob([blob.slice(0, 33), resolution(), blob.slice(33)], { type: "image/png" });
    });
  }

  map.sheet = { compose: compose, layout: layout, png: png, ratioOf: ratioOf, zoomOf: zoomOf, DPI: DPI, MM: MM };
})();
