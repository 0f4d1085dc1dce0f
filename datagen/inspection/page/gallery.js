"use strict";
// Everything from the rows goes in as text (textContent, alt) or as a data: picture, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const make = (tag, text) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  return element;
};
const filters = new Map();
let shown = [];
let open = 0;

for (const { column, values } of data.filters) {
  const label = make("label", column);
  const select = make("select");
  select.append(new Option("all", ""));
  for (const [value, count] of values) select.append(new Option(`${value} (${count})`, value));
  label.append(select);
  by("filters").append(label);
  filters.set(column, select);
}
const orders = [["as in the dataset", null, 1]];
if (data.price) orders.push(["price, rising", data.price, 1], ["price, falling", data.price, -1]);
orders.push(["title", data.title, 1]);
orders.forEach(([name], at) => by("sort").append(new Option(name, at)));

const cards = data.products.map((product, at) => {
  const card = make("button");
  card.type = "button";
  card.className = "card";
  if (product.picture) {
    const image = make("img");
    image.loading = "lazy";
    image.alt = "";
    image.src = product.picture;
    card.append(image);
  }
  card.append(make("span", product.title), make("b", product.price));
  card.addEventListener("click", () => show(shown.indexOf(at)));
  return card;
});

function update() {
  const words = by("search").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const wanted = [...filters].filter(([, select]) => select.value !== "");
  shown = [...data.products.keys()].filter((at) => {
    const { search, row } = data.products[at];
    return words.every((word) => search.includes(word))
      && wanted.every(([column, select]) => String(row[column]) === select.value);
  });
  const [, column, direction] = orders[Number(by("sort").value)];
  if (column) {
    const key = (at) => data.products[at].row[column];
    const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    shown.sort((a, b) => direction * compare(key(a), key(b)) || a - b);
  }
  remember();
  by("products").replaceChildren(...shown.map((at) => cards[at]));
  if (!shown.length) {
    const none = make("p", "No product matches; choose “Show all”.");
    none.className = "none";
    by("products").append(none);
  }
  const all = data.products.length;
  by("count").textContent = shown.length === all ? `${all} products` : `${shown.length} of ${all} products`;
}

// The state of the page is in its address, so that a view can be bookmarked and sent.
function remember() {
  const state = new URLSearchParams();
  if (by("search").value) state.set("search", by("search").value);
  if (Number(by("sort").value)) state.set("sort", by("sort").value);
  for (const [column, select] of filters) if (select.value) state.set(`is.${column}`, select.value);
  history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  by("search").value = state.get("search") ?? "";
  by("sort").value = orders[Number(state.get("sort"))] ? Number(state.get("sort")) : 0;
  for (const [column, select] of filters) {
    const value = state.get(`is.${column}`) ?? "";
    select.value = [...select.options].some((option) => option.value === value) ? value : "";
  }
  update();
  const position = shown.indexOf(Number(state.get("product") ?? NaN));
  if (position >= 0) show(position);
}

function show(position) {
  open = (position + shown.length) % shown.length;
  const product = data.products[shown[open]];
  by("product-title").textContent = product.title;
  by("picture").hidden = !product.picture;
  if (product.picture) by("picture").src = product.picture;
  by("picture").alt = product.title;
  by("facts").replaceChildren(...Object.entries(product.row).flatMap(([name, value]) => [make("dt", name), make("dd", String(value ?? ""))]));
  if (!by("product").open) by("product").showModal();
}

by("search").addEventListener("input", update);
by("sort").addEventListener("change", update);
for (const select of filters.values()) select.addEventListener("change", update);
by("controls").addEventListener("submit", (event) => event.preventDefault());
by("reset").addEventListener("click", () => { by("controls").reset(); update(); });
by("previous").addEventListener("click", () => show(open - 1));
by("next").addEventListener("click", () => show(open + 1));
by("close").addEventListener("click", () => by("product").close());
by("product").addEventListener("click", (event) => { if (event.target === by("product")) by("product").close(); });
by("product").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") show(open - 1);
  if (event.key === "ArrowRight") show(open + 1);
});
window.addEventListener("hashchange", recall);
recall();
