// The stack as boxes in columns, as `seatrial diagram` draws it, with what each does now.

import { at, cut, svg } from "./dom.js";
import { tone } from "./tones.js";

const BOX = [196, 74];
const GAP = [62, 20];
const MARGIN = 14;
const MOST_TASKS = 12;
let streams = [];

/** Draws the diagram anew: boxes, arrows, a square for each task. */
export function drawDiagram({ picture, status }) {
  if (!picture) return at("diagram").replaceChildren();
  const places = placed(picture.columns);
  const width = Math.max(...[...places.values()].map(([x]) => x)) + BOX[0] + MARGIN;
  const height = Math.max(...[...places.values()].map(([, y]) => y)) + BOX[1] + MARGIN;
  const moving = new Set(streams.filter((s) => s.classList.contains("on")).map((s) => s.dataset.to));
  streams = picture.arrows.map(([from, to]) => arrow(places, from, to, "stream"));
  const drawn = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words(picture, status) },
    svg("defs", {}, marker()),
    ...picture.arrows.map(([from, to]) => arrow(places, from, to, "arrow")),
    ...streams,
    ...picture.columns.flat().map((node) => box(node, places.get(node.name), status)),
  );
  for (const each of streams) each.classList.toggle("on", moving.has(each.dataset.to));
  at("diagram").replaceChildren(drawn);
}

/** Lets the arrows of services with requests flow, in red where one fails. */
export function flowing({ services }) {
  const busy = Object.values(services);
  for (const each of streams) {
    const to = each.dataset.to;
    const found = to === "/edge" ? sum(busy) : services[to];
    const from = each.dataset.from;
    const on = found && found.requests > 0 && (from.startsWith("/") || to === "/edge");
    each.classList.toggle("on", Boolean(on));
    each.classList.toggle("failing", Boolean(on && found.failed > 0));
  }
}

function sum(busy) {
  return {
    requests: busy.reduce((total, one) => total + one.requests, 0),
    failed: busy.reduce((total, one) => total + one.failed, 0),
  };
}

function placed(columns) {
  const tallest = Math.max(...columns.map((column) => column.length));
  const step = BOX[1] + GAP[1];
  const found = new Map();
  columns.forEach((column, x) =>
    column.forEach((node, y) =>
      found.set(node.name, [
        MARGIN + x * (BOX[0] + GAP[0]),
        MARGIN + y * step + ((tallest - column.length) * step) / 2,
      ])));
  return found;
}

function marker() {
  const path = svg("path", { d: "M0 0L8 4L0 8z", fill: "currentColor", opacity: ".6" });
  return svg(
    "marker",
    { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    path,
  );
}

function arrow(places, from, to, kind) {
  const [x1, y1] = places.get(from);
  const [x2, y2] = places.get(to);
  const [a, b] = [y1 + BOX[1] / 2, y2 + BOX[1] / 2];
  let path;
  if (x1 === x2) {
    const side = x1 + BOX[0];
    path = `M${side} ${a} C${side + GAP[0] / 2} ${a} ${side + GAP[0] / 2} ${b} ${side} ${b}`;
  } else {
    const [start, end] = x2 > x1 ? [x1 + BOX[0], x2 - 2] : [x1, x2 + BOX[0] + 2];
    const middle = (start + end) / 2;
    path = `M${start} ${a} C${middle} ${a} ${middle} ${b} ${end} ${b}`;
  }
  const tip = kind === "arrow" ? { "marker-end": "url(#tip)" } : {};
  return svg("path", { d: path, class: kind, "data-from": from, "data-to": to, ...tip });
}

function box(node, [x, y], status) {
  const service = status?.services.find((one) => one.name === node.name);
  const [about, state] = service ? ofService(service) : ofOther(node, status);
  return svg(
    "g",
    {},
    svg("title", {}, `${node.title}: ${node.about}; ${about}`),
    svg("rect", { x, y, width: BOX[0], height: BOX[1], rx: 9, class: `box ${node.kind} ${state}` }),
    svg("text", { x: x + 12, y: y + 22, class: "title" }, cut(node.title, 24)),
    svg("text", { x: x + 12, y: y + 40, class: "about" }, cut(about, 31)),
    ...(service ? tasks(service, x + 12, y + 50) : []),
  );
}

function ofService(service) {
  const number = (deployment) => deployment?.revision.split(":").at(-1) ?? "–";
  const [newest, ...before] = service.deployments;
  const old = before.find((d) => d.running > 0 && number(d) !== number(newest));
  const said = `revision ${old ? `${number(old)} → ` : ""}${number(newest)}`;
  return [`${service.running}/${service.desired} running, ${said}`, tone(service)];
}

function ofOther(node, status) {
  const database = status?.databases[node.name];
  if (database) return [database, database === "available" ? "good" : "start"];
  const other = status?.others.find((one) => one.name === node.name);
  if (other) return [other.state, other.well ? "good" : "start"];
  return [node.about, ""];
}

function tasks(service, x, y) {
  const newest = service.revision;
  const rows = [
    ...service.tasks.map((task) => [taskTone(task), task.revision !== newest, task]),
    ...service.stopped.filter((t) => recent(t.at)).map((task) => ["bad", false, task]),
  ];
  return rows.slice(0, MOST_TASKS).map(([fill, old, task], n) =>
    svg(
      "rect",
      { x: x + n * 20, y, width: 14, height: 14, rx: 3,
        class: `task ${fill}-fill${old ? " old" : ""}` },
      svg("title", {}, `task ${task.id.slice(0, 8)}: ${task.target || task.status || task.reason}`),
    ));
}

const recent = (at) => at && Date.now() - Date.parse(at) < 20_000;

/** Returns the tone of a task, from ECS's state and its target's. */
export function taskTone(task) {
  if (["DEACTIVATING", "STOPPING", "DEPROVISIONING"].includes(task.status)) return "drain";
  if (task.target === "draining") return "drain";
  if (task.target === "unhealthy" || task.health === "UNHEALTHY") return "bad";
  if (task.status !== "RUNNING" || task.target === "initial") return "start";
  return "good";
}

function words(picture, status) {
  const said = (status?.services ?? []).map((s) => `${s.name}: ${s.running} of ${s.desired} running`);
  return `${picture.title}. ${said.join("; ")}`;
}
