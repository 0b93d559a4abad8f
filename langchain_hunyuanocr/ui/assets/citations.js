// A click on a place shows it, and the list says which one is shown.
element.addEventListener("hv-said", (event) => trigger("input", event.detail));
element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-go]");
  if (!chosen) return;
  for (const button of element.querySelectorAll("[data-go]")) {
    if (button === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
});
