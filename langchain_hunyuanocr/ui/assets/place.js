// Whoever chose a place is led to it: to its title, and its mark comes into view.
watch("value", async () => {
  const title = element.querySelector("#hv-place-title");
  if (!title) return;
  title.focus({ preventScroll: true });
  title.scrollIntoView({ block: "nearest" });
  const scan = element.querySelector(".hv-scan");
  const mark = scan.querySelector("rect");
  await scan.querySelector("img").decode();
  if (!mark) return;
  const place = () => mark.getBoundingClientRect();
  scan.scrollTop += place().top - scan.getBoundingClientRect().top - scan.clientHeight / 3;
  if (place().bottom > innerHeight * 0.9) scrollBy(0, place().top - innerHeight * 0.4);
});
