// Buttons: each runs the command that stands on it.

import { at, element } from "./dom.js";

let shown = "";

/** Draws the buttons and lists of what may be done here: `{id, label, command, group}`. */
export function drawActions(actions) {
  const now = JSON.stringify(actions);
  if (now === shown) return; // a list that is open stays open
  shown = now;
  const single = actions.filter((one) => !one.group);
  const groups = Map.groupBy
    ? [...Map.groupBy(actions.filter((one) => one.group), (one) => one.group)]
    : [...grouped(actions.filter((one) => one.group))];
  at("actions").replaceChildren(...single.map(button), ...groups.map(choice));
}

function grouped(actions) {
  const found = new Map();
  for (const one of actions) found.set(one.group, [...(found.get(one.group) ?? []), one]);
  return found;
}

function button(action) {
  const made = element("button", { type: "button", click: () => run(action, made) }, action.label,
    element("code", {}, action.command));
  return made;
}

function choice([group, actions]) {
  const list = element("select", { "aria-label": group },
    ...actions.map((one) => element("option", { value: one.id }, one.label)));
  const code = element("code", {}, actions[0].command);
  const chosen = () => actions.find((one) => one.id === list.value);
  list.addEventListener("change", () => { code.textContent = chosen().command; });
  const made = element("button", { type: "button", click: () => run(chosen(), made) }, group, code);
  return element("div", {}, list, " ", made);
}

async function run(action, made) {
  made.disabled = true;
  try {
    await fetch("run", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: action.id }),
    });
  } finally {
    setTimeout(() => { made.disabled = false; }, 800);
  }
}
