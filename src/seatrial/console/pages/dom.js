// Making and replacing elements; text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Returns the element with an id. */
export const at = (id) => document.getElementById(id);

/** Returns a new HTML element; `given` are attributes, children are elements or text. */
export function element(name, given = {}, ...children) {
  return filled(document.createElement(name), given, children);
}

/** Returns a new SVG element. */
export function svg(name, given = {}, ...children) {
  return filled(document.createElementNS(SVG, name), given, children);
}

function filled(made, given, children) {
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

/** Returns the time of day of a moment in milliseconds since 1970. */
export const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB");

/** Returns a text that is at most so long. */
export const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
