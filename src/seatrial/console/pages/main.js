// The page: one stream of events from the server, each drawn by the module that knows it.

import { at, element } from "./dom.js";
import { drawActions } from "./actions.js";
import { drawDiagram, flowing } from "./diagram.js";
import { addHappenings } from "./feed.js";
import { addLines } from "./logs.js";
import { drawMetrics } from "./metrics.js";
import { drawServices } from "./services.js";
import { drawSteps } from "./steps.js";
import { tone } from "./tones.js";
import { addTraffic, markStep, totals } from "./traffic.js";

const KINDS = { aws: "on AWS, read only", rehearsal: "rehearsal", trial: "trial" };

function drawHead(state) {
  const { status, title, environment, kind } = state;
  document.title = `${title} (${environment})`;
  at("title").textContent = `${title} (${environment})`;
  at("where").replaceChildren(kind ? KINDS[kind] : "nothing runs", ...address(status));
  const [word, how] = verdict(state);
  at("verdict").textContent = word;
  at("verdict").className = `verdict ${how}`;
  at("foot").textContent = state.about || "";
}

function address(status) {
  if (!status || !status.address) return [];
  return [" · ", element("a", { href: status.address, rel: "noreferrer" }, status.address)];
}

function verdict({ kind, status, problems, waiting }) {
  if (!kind) return [waiting, "drain"];
  if (!status) return [waiting || "starting", "start"];
  if (problems.length) {
    const bad = status.services.some((service) => tone(service) === "bad");
    return [problems[0], bad ? "bad" : "start"];
  }
  const rolling = status.services.filter((s) => s.deployment === "IN_PROGRESS");
  if (rolling.length) return [`${rolling.map((s) => s.name).join(", ")}: deploying`, "start"];
  return [`release ${status.release ?? "–"} serves`, "good"];
}

function drawNumbers() {
  const { rate, failed, milliseconds } = totals();
  const rows = [
    [rate.toFixed(1), "requests a second"],
    [String(failed), "failed, last 2 min"],
    [milliseconds === null ? "–" : `${milliseconds.toFixed(0)} ms`, "mean answer"],
  ];
  at("numbers").replaceChildren(
    ...rows.map(([value, name]) =>
      element("div", {}, element("dd", {}, value), element("dt", {}, name))),
  );
}

function drawSecrets(secrets) {
  at("secrets").replaceChildren(
    ...secrets.map((s) => element("li", {}, element("code", {}, s.name), ` ${s.how}`)),
  );
  at("more").hidden = !secrets.length;
}

const HANDLERS = {
  state(state) {
    drawHead(state);
    drawDiagram(state);
    drawServices(state);
    drawActions(state.actions);
    drawSecrets(state.secret_names);
  },
  traffic(rows) {
    addTraffic(rows);
    flowing(totals());
    drawNumbers();
  },
  steps(steps) {
    drawSteps(steps);
    markStep(steps);
  },
  happenings: addHappenings,
  logs: addLines,
  metrics: drawMetrics,
};

const stream = new EventSource("events");
for (const [name, handle] of Object.entries(HANDLERS)) {
  stream.addEventListener(name, (event) => handle(JSON.parse(event.data)));
}
stream.onerror = () => {
  at("verdict").textContent = "the console was ended";
  at("verdict").className = "verdict drain";
};
setInterval(() => HANDLERS.traffic([]), 1000);
drawNumbers();
