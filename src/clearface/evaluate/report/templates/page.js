"use strict";

// Tables: a click on a head sorts, the best first; another turns it round; "Method" brings the first order back.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  for (const button of table.querySelectorAll("button.sort")) {
    const head = button.closest("th");
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") === "ascending";
      const falling = head.getAttribute("aria-sort") === "descending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      if (button.dataset.better === "order") {
        body.append(...original);
        return;
      }
      const ascending = rising || falling ? falling : button.dataset.better === "lower";
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const number = (row) => parseFloat(row.cells[head.cellIndex].dataset.sort ?? "NaN");
      const sorted = [...original].sort((first, second) => {
        const [a, b] = [number(first), number(second)];
        if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
        return ascending ? a - b : b - a;
      });
      body.append(...sorted);
    });
  }
}

// Wide tables: where columns are cut off, the edge fades and a line says so.
const watched = new ResizeObserver((entries) => entries.forEach((entry) => markCut(entry.target.closest("[data-scroller]"))));
function markCut(scroller) {
  const scroll = scroller.querySelector(".scroll");
  const beyond = scroll.scrollWidth - scroll.clientWidth;
  scroller.classList.toggle("is-cut", beyond > 1);
  scroller.classList.toggle("has-more", beyond - scroll.scrollLeft > 1);
}
for (const scroller of document.querySelectorAll("[data-scroller]")) {
  const scroll = scroller.querySelector(".scroll");
  scroll.addEventListener("scroll", () => markCut(scroller), { passive: true });
  watched.observe(scroll);
  watched.observe(scroll.firstElementChild);
}

// Charts: a method chosen in the legend stands out, with the middle half of its faces.
for (const charts of document.querySelectorAll("[data-charts]")) {
  const buttons = [...charts.querySelectorAll(".legend button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      const chosen = buttons.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.method);
      charts.classList.toggle("picking", chosen.length > 0);
      for (const line of charts.querySelectorAll(".line")) {
        line.classList.toggle("picked", chosen.includes(line.dataset.method));
      }
    });
  }
}

// Faces: the same spot is enlarged in all pictures of a strip.
const steps = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, -5], ArrowDown: [0, 5] };
const within = (value, low, high) => Math.min(high, Math.max(low, value));
for (const strip of document.querySelectorAll("[data-zoom]")) {
  let [x, y, scale] = [50, 50, 4];
  const show = () => {
    strip.style.setProperty("--x", `${x}%`);
    strip.style.setProperty("--y", `${y}%`);
    strip.style.setProperty("--scale", scale);
    strip.classList.add("zoomed");
  };
  const end = () => strip.classList.remove("zoomed");
  const follow = (event) => {
    const frame = event.target.closest(".frame");
    if (!frame) return;
    const box = frame.getBoundingClientRect();
    x = within(((event.clientX - box.left) / box.width) * 100, 0, 100);
    y = within(((event.clientY - box.top) / box.height) * 100, 0, 100);
    show();
  };
  strip.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") follow(event);
  });
  strip.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") end();
  });
  strip.addEventListener("click", follow);
  strip.addEventListener("focus", () => {
    if (strip.matches(":focus-visible")) show();
  });
  strip.addEventListener("blur", end);
  strip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps) {
      x = within(x + steps[event.key][0], 0, 100);
      y = within(y + steps[event.key][1], 0, 100);
    } else if (event.key === "+" || event.key === "=") {
      scale = Math.min(scale * 1.5, 16);
    } else if (event.key === "-") {
      scale = Math.max(scale / 1.5, 1);
    } else if (event.key === "Escape") {
      end();
      return;
    } else {
      return;
    }
    event.preventDefault();
    show();
  });
}

// Paper has no folds: all of them are opened to be printed.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});
