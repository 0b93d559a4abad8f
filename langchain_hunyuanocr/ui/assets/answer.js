// The answer is read aloud once it is whole.
element.setAttribute("aria-live", "polite");
watch("value", () => element.setAttribute("aria-busy", String(Boolean(element.querySelector(".hv-writing")))));
