// Progress for uploads, a question before a deletion. Pages work without, but for adding.
"use strict";

const said = document.getElementById("said");

function say(text) {
  said.textContent = text;
  said.hidden = !text;
}

async function reason(answer) {
  try { return (await answer.json()).detail; } catch { return `the server answered ${answer.status}`; }
}

async function register(type, url) {
  const answer = await fetch(`/artifact/${type}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url }),
  });
  if (answer.status === 202) {
    say("The registry copies it now: a large artifact is here when its bytes are.");
  } else if (answer.ok) {
    const made = (await answer.json()).metadata;
    location.href = `/web/artifacts/${made.type}/${made.id}`;
  } else {
    say(await reason(answer));
  }
}

function send(file, moved) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/upload?filename=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = event => event.lengthComputable && moved(event.loaded / event.total);
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* no JSON: the status says it */ }
      if (request.status === 201) resolve(answer.url);
      else reject(new Error(answer.detail || `the server answered ${request.status}`));
    };
    request.onerror = () => reject(new Error("the connection broke: try again"));
    request.send(file);
  });
}

async function whileBusy(form, work) {
  const button = form.querySelector("button");
  button.disabled = true;
  say("");
  try { await work(); } catch (error) { say(error.message); } finally { button.disabled = false; }
}

const byAddress = document.getElementById("by-address");
byAddress?.addEventListener("submit", event => {
  event.preventDefault();
  whileBusy(byAddress, () => register(byAddress.type.value, byAddress.url.value.trim()));
});

const byFile = document.getElementById("by-file");
byFile?.addEventListener("submit", event => {
  event.preventDefault();
  const moving = document.getElementById("moving");
  whileBusy(byFile, async () => {
    moving.hidden = false;
    try {
      const url = await send(byFile.file.files[0], part => {
        document.getElementById("progress").value = 100 * part;
        document.getElementById("percent").value = `${Math.round(100 * part)} %`;
      });
      await register(byFile.type.value, url);
    } finally {
      moving.hidden = true;
    }
  });
});

document.getElementById("delete")?.addEventListener("click", async event => {
  const { path, name } = event.target.dataset;
  if (!confirm(`Delete ${name}, with its bytes?`)) return;
  const answer = await fetch(path, { method: "DELETE" });
  if (answer.ok) location.href = "/web/";
  else say(await reason(answer));
});
