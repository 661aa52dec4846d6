// What happens, in AWS's words and the trial's, the newest first.

import { at, clock, element } from "./dom.js";

const MOST = 300;

/** Adds what happened: `{at, who, text, tone}`, the oldest first. */
export function addHappenings(rows) {
  const list = at("feed");
  for (const row of rows) {
    list.prepend(
      element(
        "li",
        {},
        element("time", {}, clock(row.at)),
        element("span", { class: row.tone }, row.who ? `${row.who}: ${row.text}` : row.text),
      ),
    );
  }
  while (list.children.length > MOST) list.lastChild.remove();
}
