const orders = document.getElementById("orders");

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function show() {
  const rows = await ask("/api/orders");
  orders.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    for (const text of [row.id, row.item, row.quantity, row.packed ? "yes" : "not yet"]) {
      line.insertCell().textContent = text;
    }
    return line;
  }));
}

document.getElementById("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const body = JSON.stringify({ item: form.get("item"), quantity: Number(form.get("quantity")) });
  await ask("/api/orders", { method: "POST", headers: { "content-type": "application/json" }, body });
  await show();
});

ask("/api/shop").then((shop) => {
  document.getElementById("greeting").textContent = shop.greeting;
  document.getElementById("items").replaceChildren(...shop.items.map((item) => new Option(item)));
});
show();
setInterval(show, 2000);
