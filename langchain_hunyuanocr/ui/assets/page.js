// The scan and its text: what is pointed at, focused or walked to on one side lights up on the other.
(() => {
  const pageOf = (node) => node.closest(".hv-page");

  function light(page, part, line) {
    for (const lit of page.querySelectorAll(".hv-lit")) lit.classList.remove("hv-lit");
    const wanted = [];
    if (part) wanted.push(`[data-part="${part}"]`, `[data-shows="${part}"]`);
    if (part && part[0] === "d") wanted.push(`[data-doubt="${part.slice(1)}"]`);
    if (part && part[0] === "l") wanted.push(`[data-line="${part.slice(1)}"]`);
    if (line != null) wanted.push(`rect[data-part="l${line}"]`, `[data-line="${line}"]`);
    if (!wanted.length) return [];
    const found = [...page.querySelectorAll(wanted.join(","))];
    for (const node of found) node.classList.add("hv-lit");
    return found;
  }

  function bring(nodes, page) {
    const rect = nodes.find((node) => node.tagName.toLowerCase() === "rect");
    const frame = page.querySelector(".hv-frame");
    if (!rect || !frame) return;
    const box = rect.getBoundingClientRect();
    const view = frame.getBoundingClientRect();
    if (box.top < view.top || box.bottom > view.bottom) frame.scrollTop += box.top - view.top - view.height / 3;
    if (box.left < view.left || box.right > view.right) frame.scrollLeft += box.left - view.left - view.width / 6;
  }

  function pointed(target) {
    const page = target.closest && pageOf(target);
    if (!page) return null;
    const doubt = target.closest("[data-doubt]");
    if (doubt) return { page, part: `d${doubt.dataset.doubt}`, line: doubt.dataset.line };
    const line = target.closest("[data-line]");
    if (line) return { page, part: null, line: line.dataset.line };
    const named = target.closest("[data-part], [data-shows]");
    if (named) return { page, part: named.dataset.part || named.dataset.shows, line: null };
    return { page, part: null, line: null };
  }

  document.addEventListener("pointerover", (event) => {
    let place = pointed(event.target);
    if (place && !place.part && place.line == null) {
      // Where the pointer rests on nothing, what has the keyboard stays lit.
      const focused = document.activeElement && pointed(document.activeElement);
      if (focused && focused.page === place.page) place = focused;
    }
    if (place) light(place.page, place.part, place.line);
  });

  document.addEventListener("focusin", (event) => {
    const place = pointed(event.target);
    if (place && place.part) bring(light(place.page, place.part, place.line), place.page);
  });

  // The scan keeps what stands in the middle there.
  function zoom(button) {
    const frame = button.closest(".hv-scan").querySelector(".hv-frame");
    const paper = frame.querySelector(".hv-paper");
    const now = Number(paper.style.getPropertyValue("--hv-zoom") || 1);
    const wanted = Math.min(5, Math.max(1, now * 1.5 ** Number(button.dataset.zoom)));
    const left = (frame.scrollLeft + frame.clientWidth / 2) / frame.scrollWidth;
    const top = (frame.scrollTop + frame.clientHeight / 2) / frame.scrollHeight;
    paper.style.setProperty("--hv-zoom", wanted);
    frame.scrollLeft = left * frame.scrollWidth - frame.clientWidth / 2;
    frame.scrollTop = top * frame.scrollHeight - frame.clientHeight / 2;
  }

  // A click on a box goes to its text.
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-zoom]");
    if (step) {
      zoom(step);
      return;
    }
    const go = event.target.closest("[data-go]");
    if (go) {
      turned = go.closest(".hv-page") ? go.dataset.go : null;
      say(go, { go: Number(go.dataset.go) });
      return;
    }
    const box = event.target.closest("rect[data-part]");
    const page = box && pageOf(box);
    if (!page) return;
    const part = box.dataset.part;
    const other = page.querySelector(
      part[0] === "l" ? `[data-line="${part.slice(1)}"]` : `.hv-said [data-part="${part}"], .hv-said [data-shows="${part}"]`
    );
    if (!other) return;
    other.scrollIntoView({ block: "nearest" });
    const stop = other.closest("[tabindex], input, button");
    if (stop) stop.focus({ preventScroll: true });
    light(page, part, null);
  });

  // One stop of the Tab key for the whole text; the arrow keys walk through its parts.
  document.addEventListener("keydown", (event) => {
    if (event.target.matches && event.target.matches(".hv-fields input") && event.key === "Enter") {
      event.preventDefault();
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    if (!event.target.classList || !event.target.classList.contains("hv-part")) return;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const parts = [...pageOf(event.target).querySelectorAll(".hv-part")];
    const next = parts[parts.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches(".hv-fields")) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches(".hv-fields input")) return;
    const page = pageOf(input);
    correct(page, input);
  });

  // Corrected values are on their way for a moment; a download waits for them.
  let corrections = Promise.resolve();
  let underWay = 0;
  function correct(page, input) {
    const row = input.closest(".hv-row");
    const { number, session } = page.dataset;
    const request = { method: "PUT", body: JSON.stringify({ value: input.value }) };
    underWay += 1;
    corrections = corrections
      .then(() => fetch(`page/${session}/${number}/fields/${input.dataset.field}`, request))
      .then((answer) => {
        if (!answer.ok) throw new Error(answer.statusText);
        if (page.dataset.number === number) {
          row.dataset.state = "corrected";
          row.querySelector(".hv-state").textContent = input.form.dataset.corrected;
        }
        say(page, { corrected: Number(number) });
      })
      .catch(() => (row.querySelector(".hv-state").textContent = input.form.dataset.lost))
      .finally(() => (underWay -= 1));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#hv-downloads a");
    if (!link || !underWay) return;
    event.preventDefault();
    corrections.finally(() => link.click());
  });

  function say(node, detail) {
    node.dispatchEvent(new CustomEvent("hv-said", { detail, bubbles: true }));
  }

  // The list says which page is shown; who turned to the last page is led to its title, since the button is off.
  // Gradio changes what differs in the old page, and leaves values that somebody typed into.
  let shown = null;
  let turned = null;
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => (turned = null), true);
  function mark() {
    const page = document.querySelector("#hv-shown .hv-page");
    const number = page ? page.dataset.number : null;
    for (const item of document.querySelectorAll("#hv-pages [data-go]")) {
      if (item.dataset.go === number) item.setAttribute("aria-current", "page");
      else item.removeAttribute("aria-current");
    }
    // More pages may have come since this one was made.
    for (const turn of page ? page.querySelectorAll(".hv-turn") : []) {
      turn.disabled = !document.querySelector(`#hv-pages [data-go="${turn.dataset.go}"]`);
    }
    if (number !== shown) {
      shown = number;
      for (const input of page ? page.querySelectorAll(".hv-fields input") : []) input.value = input.getAttribute("value");
      for (const frame of page ? page.querySelectorAll(".hv-frame") : []) frame.scrollTop = 0;
    }
    if (page && turned === number && (document.activeElement === document.body || document.activeElement.disabled)) {
      page.querySelector("#hv-title").focus({ preventScroll: true });
    }
  }
  // What Gradio leaves out for screen readers.
  function describe() {
    for (const line of document.querySelectorAll("#hv-progress, #hv-asked")) line.setAttribute("role", "status");
    for (const fold of document.querySelectorAll("button.label-wrap")) {
      fold.setAttribute("aria-expanded", String(fold.classList.contains("open")));
    }
  }
  // On a phone the result begins below the form: whoever has something read is led there.
  let follow = false;
  function lead() {
    const line = document.querySelector("#hv-progress .hv-progress");
    if (!follow || !line) return;
    follow = false;
    if (line.getBoundingClientRect().bottom > innerHeight) line.scrollIntoView({ block: "start" });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("button.label-wrap")) requestAnimationFrame(describe);
    if (event.target.closest("#hv-read")) follow = true;
  });
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
      describe();
      lead();
    });
  }).observe(document.documentElement, {
    childList: true,
    characterData: true,
    attributeFilter: ["data-number"],
    subtree: true,
  });
})();
