"""The one page: it lists notes and writes new ones."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notes</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
  form { display: grid; gap: .5rem; margin-bottom: 2rem; }
  input, textarea, button { font: inherit; padding: .5rem; border: 1px solid #888; border-radius: 6px; }
  button { background: #1d4ed8; color: #fff; border: 0; cursor: pointer; justify-self: start; }
  article { border-top: 1px solid #8886; padding: .5rem 0; }
  article h2 { font-size: 1.1rem; margin: .25rem 0; } article p { white-space: pre-wrap; margin: .25rem 0; }
  article small a { margin-right: 1rem; }
</style>
</head>
<body>
<h1>Notes</h1>
<form id="new">
  <label for="title">Title</label><input id="title" name="title" required maxlength="200">
  <label for="body">Text</label><textarea id="body" name="body" rows="4"></textarea>
  <button>Write</button>
</form>
<main id="notes" aria-live="polite"></main>
<script>
const list = document.getElementById("notes");
function element(name, text) { const e = document.createElement(name); e.textContent = text; return e; }
async function show() {
  const notes = await (await fetch("/notes")).json();
  list.replaceChildren(...notes.map(note => {
    const article = document.createElement("article");
    article.append(element("h2", note.title), element("p", note.body));
    const small = document.createElement("small");
    const link = element("a", "link"); link.href = note.link;
    small.append(link);
    if (note.exported) { const e = element("a", "export"); e.href = `/notes/${note.id}/export`; small.append(e); }
    const remove = element("a", "remove"); remove.href = "#";
    remove.onclick = async event => { event.preventDefault();
      await fetch(`/notes/${note.id}`, {method: "DELETE"}); show(); };
    small.append(remove); article.append(small);
    return article;
  }));
}
document.getElementById("new").onsubmit = async event => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  await fetch("/notes", {method: "POST", headers: {"content-type": "application/json"}, body});
  event.target.reset(); show();
};
show(); setInterval(show, 3000);
</script>
</body>
</html>
"""
