// Before Gradio starts: the language of the page is the visitor's choice, at first the browser's own.
(() => {
  const chosen = document.cookie.match(/(?:^|; )hunyuanocr_language=(en|zh)/);
  const own = (navigator.languages && navigator.languages[0]) || navigator.language || "en";
  const language = chosen ? chosen[1] : own.toLowerCase().startsWith("zh") ? "zh" : "en";
  const tag = language === "zh" ? "zh-CN" : "en";
  const keep = (value) => {
    document.cookie = `hunyuanocr_language=${value}; path=/; max-age=31536000; samesite=strict`;
  };
  keep(language);
  Object.defineProperty(navigator, "language", { get: () => tag });
  document.documentElement.lang = tag;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-language]");
    if (button) {
      keep(button.dataset.language);
      location.reload();
    }
  });
})();
