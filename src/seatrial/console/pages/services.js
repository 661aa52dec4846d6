// Services with their deployments and tasks; databases and what else holds data.

import { at, element } from "./dom.js";
import { tone } from "./tones.js";

/** Draws the table of what runs. */
export function drawServices({ status }) {
  if (!status) return at("services").replaceChildren();
  const rows = [
    ...status.services.map(ofService),
    ...Object.entries(status.databases).map(([name, state]) =>
      line(`database ${name}`, state, state === "available" ? "good" : "start", "")),
    ...status.others.map((one) =>
      line(`${one.what} ${one.name}`, one.state, one.well ? "good" : "start", "")),
  ];
  const heads = ["", "state", "deployment"].map((text) => element("th", { scope: "col" }, text));
  at("services").replaceChildren(
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows)),
  );
}

function ofService(service) {
  const checked = service.healthy === null ? "" : `, ${service.healthy} healthy`;
  const said = `${service.running} of ${service.desired} running${checked}`;
  return line(service.name, said, tone(service), deployments(service), service.why);
}

function line(name, state, how, about, why = "") {
  return element(
    "tr",
    {},
    element("td", {}, element("b", {}, name)),
    element("td", { class: "wide" }, element("span", { class: `${how}-text` }, state),
      why ? element("div", { class: "soft" }, why) : ""),
    element("td", { class: "wide" }, about),
  );
}

function deployments(service) {
  return service.deployments
    .map((d) => {
      const failed = d.failed ? `, ${d.failed} failed` : "";
      const word = (d.rollout || "").toLowerCase().replace("_", " ");
      return `revision ${d.revision.split(":").at(-1)}: ${word}, ${d.running} running${failed}`;
    })
    .join("; ");
}
