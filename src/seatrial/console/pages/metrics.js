// What the dashboard shows, small.

import { at, element, svg } from "./dom.js";

const WIDTH = 120;
const HEIGHT = 30;

/** Draws each metric that has data: `{title, metric, statistic, points: [{time, value}]}`. */
export function drawMetrics(series) {
  at("metrics").replaceChildren(...series.filter((one) => one.points.length).map(drawn));
}

function drawn(series) {
  const values = series.points.map((point) => point.value);
  const last = values.at(-1);
  const name = `${series.noun}: ${series.metric} (${series.statistic.toLowerCase()})`;
  return element("div", {}, element("h3", {}, name), element("p", {}, figure(last)),
    line(series.points, `${name}, last ${figure(last)}, most ${figure(Math.max(...values))}`));
}

function line(points, words) {
  const most = Math.max(...points.map((point) => point.value)) || 1;
  const [first, last] = [points[0].time, points.at(-1).time];
  const path = points
    .map(({ time, value }, n) => {
      const x = last > first ? ((time - first) / (last - first)) * WIDTH : n * WIDTH;
      return `${n ? "L" : "M"}${x.toFixed(1)} ${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`;
    })
    .join(" ");
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
    "aria-label": words }, svg("path", { d: path, class: "line" }));
}

const figure = (value) =>
  value >= 1000 || Number.isInteger(value) ? value.toLocaleString("en-GB", { maximumFractionDigits: 0 })
    : value.toPrecision(3);
