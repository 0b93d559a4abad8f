// Whoever chose a place is led to it: to its title, and its mark comes into view.
watch("value", async () => {
  const title = element.querySelector("#hv-place-title");
  if (!title) return;
  title.focus({ preventScroll: true });
  title.scrollIntoView({ block: "nearest" });
  const frame = element.querySelector(".hv-frame");
  const mark = frame.querySelector("rect");
  await Promise.all([...element.querySelectorAll("img")].map((picture) => picture.decode()));
  if (!mark) return;
  const place = () => mark.getBoundingClientRect();
  frame.scrollTop += place().top - frame.getBoundingClientRect().top - frame.clientHeight / 3;
  if (place().bottom > innerHeight * 0.9) scrollBy(0, place().top - innerHeight * 0.4);
});
