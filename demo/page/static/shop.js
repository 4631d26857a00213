// The page beside the chat: the identity switch and the orders of whoever is signed in.
const REFRESH_MS = 5000;

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });

const switcher = document.getElementById("identity");
switcher.value = identity.customer;
if (switcher.selectedIndex < 0) identity.become("");
switcher.addEventListener("change", () => identity.become(switcher.value));

const list = document.querySelector("#orders ul");
let shown = "";

if (identity.customer) {
  for (const part of document.querySelectorAll("[data-signed-in]")) part.hidden = false;
  refresh();
  setInterval(() => document.hidden || refresh(), REFRESH_MS);
}

async function refresh() {
  const orders = await fetchOrders();
  const found = JSON.stringify(orders);
  if (found === shown) return;
  shown = found;
  list.replaceChildren(...(orders ? orders.map(row) : [hint("The orders cannot be read just now.")]));
  if (orders) suggest(orders);
}

async function fetchOrders() {
  try {
    const response = await fetch(`/demo/orders?customer=${encodeURIComponent(identity.customer)}`);
    return response.ok ? (await response.json()).orders : null;
  } catch {
    return null;
  }
}

function row(order) {
  const [label, tone] = state(order);
  const art = element("span", "art");
  art.style.setProperty("--tint", order.tint);
  art.append(drawing(order.good));
  const what = element("div", "what");
  what.append(element("b", "", order.title), element("small", "", `${order.order_id}, ${when(order)}`));
  const item = element("li", "order");
  item.append(
    art, what, element("span", "sum", money.format(order.paid)), element("span", `state ${tone}`, label),
  );
  return item;
}

function state(order) {
  if (order.status === "cancelled") return ["Cancelled", ""];
  if (order.refunded >= order.paid) return ["Refunded", "good"];
  if (order.refunded > 0) return [`${money.format(order.refunded)} refunded`, "good"];
  if (order.delayed) return ["Delayed", "late"];
  return { processing: ["Being packed", ""], shipped: ["On its way", ""] }[order.status] ?? ["Delivered", ""];
}

function when(order) {
  if (order.delivered_on) return `delivered ${day.format(new Date(order.delivered_on))}`;
  if (order.expected_on && order.status === "shipped") {
    return `expected ${day.format(new Date(order.expected_on))}`;
  }
  return `ordered ${day.format(new Date(order.placed_on))}`;
}

// The examples above the goods name the customer's own orders, so that they can be typed as they are.
function suggest(orders) {
  const moving = orders.find((order) => order.status === "shipped");
  const dear = orders.find((order) => order.status === "delivered" && order.paid - order.refunded > 50);
  if (moving) example("where", `Where is order ${moving.order_id}?`);
  if (dear) example("refund", `I want my money back for ${dear.order_id}.`);
}

function example(name, text) {
  document.querySelector(`[data-example=${name}]`).textContent = text;
}

function drawing(good) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("viewBox", "0 0 200 200");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/demo/static/goods.svg#${good}`);
  svg.append(use);
  return svg;
}

function hint(text) {
  return element("li", "wait", text);
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
