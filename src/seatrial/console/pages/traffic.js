// Requests by second: how many, how many failed, and how long they took.

import { at, svg } from "./dom.js";

const SPAN = 120; // seconds that are shown
const WIDTH = 720;
const HEIGHT = 110;
const rows = new Map(); // second -> {requests, failed, seconds, services}
let marks = []; // when steps of a trial began: [second, name]
let unit = 1; // seconds of one bar: 60 where CloudWatch counts by the minute

/** Adds counts `{at, service, requests, failed, seconds, unit}`; `at` in seconds since 1970. */
export function addTraffic(given) {
  for (const one of given) {
    unit = one.unit;
    const second = Math.floor(one.at / unit) * unit;
    const row = rows.get(second) ?? { requests: 0, failed: 0, seconds: 0, services: {} };
    if (unit > 1) row.services[one.service] = one; // sent again and again
    else {
      const service = (row.services[one.service] ??= { requests: 0, failed: 0, seconds: 0 });
      for (const key of ["requests", "failed", "seconds"]) service[key] += one[key];
    }
    const all = Object.values(row.services);
    for (const key of ["requests", "failed", "seconds"]) {
      row[key] = all.reduce((total, each) => total + each[key], 0);
    }
    rows.set(second, row);
  }
  const now = Date.now() / 1000;
  for (const second of rows.keys()) if (second < now - SPAN * unit) rows.delete(second);
  draw(now);
}

/** Remembers when the running step of a trial began. */
export function markStep(trial) {
  marks = (trial?.steps ?? []).filter((s) => s.began).map((s) => [s.began, s.name]);
}

/** Returns the rate of the last seconds, what failed, the mean time, and services' last counts. */
export function totals() {
  const now = Date.now() / 1000;
  const last = [...rows].filter(([second]) => second > now - 6 * unit).map(([, row]) => row);
  const requests = last.reduce((total, row) => total + row.requests, 0);
  const seconds = last.reduce((total, row) => total + row.seconds, 0);
  const failed = [...rows.values()].reduce((total, row) => total + row.failed, 0);
  const services = {};
  for (const row of last.slice(-3)) {
    for (const [name, one] of Object.entries(row.services)) {
      const found = (services[name] ??= { requests: 0, failed: 0 });
      found.requests += one.requests;
      found.failed += one.failed;
    }
  }
  return {
    rate: requests / Math.max(last.length * unit, 1),
    failed,
    milliseconds: requests ? (1000 * seconds) / requests : null,
    services,
  };
}

function draw(now) {
  const most = Math.max(4, ...[...rows.values()].map((row) => row.requests));
  const bar = WIDTH / SPAN;
  const x = (second) => WIDTH - ((now - second) / unit) * bar;
  const y = (count) => (count / most) * (HEIGHT - 18);
  const bars = [...rows].flatMap(([second, row]) => [
    column(x(second), y(row.requests), bar, "bar"),
    row.failed ? column(x(second), Math.max(y(row.failed), 3), bar, "bar failing") : null,
  ]);
  const shown = marks.filter(([second]) => second > now - SPAN * unit);
  at("traffic").replaceChildren(
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
        "aria-label": words() },
      svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5, class: "axis" }),
      ...shown.map(([second]) =>
        svg("line", { x1: x(second), x2: x(second), y1: 0, y2: HEIGHT, class: "mark-line" })),
      ...bars,
    ),
  );
  at("flow-words").replaceChildren(words(), shown.length ? " Dashed: where a step of the trial began." : "");
}

function column(x, height, width, kind) {
  return svg("rect", { x, y: HEIGHT - height, width: Math.max(width - 1, 1), height, class: kind });
}

function words() {
  const all = [...rows.values()];
  const requests = all.reduce((total, row) => total + row.requests, 0);
  const failed = all.reduce((total, row) => total + row.failed, 0);
  const span = unit > 1 ? "2 hours, by the minute" : "2 minutes, by the second";
  return `Last ${span}: ${requests} requests, ${failed} failed (5xx).`;
}

