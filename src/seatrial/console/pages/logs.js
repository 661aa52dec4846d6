// The lines of every log, with a filter.

import { at, clock, element } from "./dom.js";

const MOST = 2000;
const BAD = 2; // the rank of a warning
const lines = [];
const colours = new Map();

/** Adds lines `{service, task, time, text, rank}`. */
export function addLines(rows) {
  for (const row of rows) {
    if (!colours.has(row.service)) {
      colours.set(row.service, colours.size % 4);
      at("log-source").append(element("option", { value: row.service }, row.service));
    }
  }
  lines.push(...rows);
  lines.splice(0, Math.max(lines.length - MOST, 0));
  append(rows.filter(wanted));
}

function wanted(row) {
  const [source, text] = [at("log-source").value, at("log-text").value.toLowerCase()];
  if (source && row.service !== source) return false;
  if (at("log-bad").checked && row.rank < BAD) return false;
  return row.text.toLowerCase().includes(text);
}

function append(rows) {
  const list = at("logs");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(...rows.map(drawn));
  while (list.children.length > MOST) list.firstChild.remove();
  if (below) list.scrollTop = list.scrollHeight;
}

function drawn(row) {
  const tone = row.rank > BAD ? "bad-text" : row.rank === BAD ? "start-text" : "";
  return element("li", { class: tone }, element("time", {}, clock(row.time)),
    element("b", { class: `c${colours.get(row.service)}` }, row.service), row.text);
}

function again() {
  at("logs").replaceChildren();
  append(lines.filter(wanted));
}
at("log-form").addEventListener("input", again);
at("log-form").addEventListener("submit", (event) => event.preventDefault());
