// What comes here is read aloud, an answer once it is whole.
element.setAttribute("aria-live", "polite");
watch("value", () => element.setAttribute("aria-busy", String(Boolean(element.querySelector(".hv-writing")))));
