// The steps of a trial as they run.

import { at, element } from "./dom.js";

const MARKS = { passed: "✓", failed: "✗", skipped: "–", running: "●", waiting: "○" };

/** Draws `{result, steps: [{name, title, result, seconds, requests, failed, evidence, cause}]}`. */
export function drawSteps(trial) {
  at("trial").hidden = !trial;
  if (!trial) return;
  at("trial-now").textContent = headline(trial);
  at("trial-now").className = `now ${trial.result === "failed" ? "bad-text" : ""}`;
  at("steps").replaceChildren(...trial.steps.map(row));
  const now = at("steps").querySelector(".running");
  if (now) at("steps").scrollTop = now.offsetTop - at("steps").offsetTop - 120;
}

function headline({ result, steps }) {
  const done = steps.filter((s) => !["waiting", "running"].includes(s.result)).length;
  const running = steps.find((s) => s.result === "running");
  if (running) return `${done} of ${steps.length} done · now: ${running.title}`;
  const failed = steps.filter((s) => s.result === "failed").map((s) => s.name);
  if (failed.length) return `failed: ${failed.join(", ")}`;
  return result === "passed" ? "every step passed" : `${done} of ${steps.length} done`;
}

function row(step) {
  const facts = [];
  if (step.seconds) facts.push(`${step.seconds.toFixed(1)} s`);
  if (step.requests) facts.push(`${step.failed}/${step.requests} failed`);
  const open = step.result === "running" || step.result === "failed";
  return element(
    "li",
    { class: step.result },
    element("span", { class: "mark", "aria-hidden": "true" }, MARKS[step.result]),
    element("span", { class: "facts" }, facts.join(" · ")),
    element("span", { class: "name" }, step.name),
    ` ${open ? "" : step.result === "waiting" ? "" : step.result}`,
    open ? element("div", {}, step.title) : "",
    step.cause ? element("pre", {}, step.cause) : "",
    step.reason ? element("div", { class: "evidence" }, step.reason) : "",
    step.evidence.length && step.result === "passed"
      ? element("div", { class: "evidence" }, step.evidence.join("\n")) : "",
  );
}
