// Files that are dropped, chosen or taken by the camera go to the visitor's session at once; "Read" waits for them.
(() => {
  const under = (node) => node.closest && node.closest(".hv-choose");
  const says = (place, key, values = {}) =>
    JSON.parse(place.dataset.words)[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  let uploads = 0;
  let readWaits = false;

  function tell(place, words, wrong = false) {
    const line = place.querySelector(".hv-upload");
    line.textContent = words;
    line.classList.toggle("hv-alert", wrong);
  }

  function list(place, files) {
    for (const { number, name } of files) {
      const item = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.dataset.number = number;
      remove.textContent = "×";
      remove.setAttribute("aria-label", says(place, "remove", { name }));
      item.append(Object.assign(document.createElement("span"), { textContent: name }), remove);
      place.querySelector(".hv-chosen").append(item);
    }
  }

  function done() {
    uploads -= 1;
    if (uploads === 0 && readWaits) {
      readWaits = false;
      document.querySelector("#hv-read").click();
    }
  }

  function send(place, files) {
    if (!files.length) return;
    const form = new FormData();
    for (const file of files) form.append("files", file);
    // fetch does not tell how far an upload is.
    const request = new XMLHttpRequest();
    uploads += 1;
    request.upload.onprogress = (event) =>
      tell(place, says(place, "uploading", { share: `${Math.round((100 * event.loaded) / event.total)} %` }));
    request.onerror = () => tell(place, says(place, "lost", { why: "network" }), true);
    request.onload = () => {
      const answer = JSON.parse(request.responseText || "null");
      if (request.status === 200) {
        tell(place, "");
        list(place, answer);
      } else {
        tell(place, says(place, "lost", { why: (answer && answer.detail) || request.statusText }), true);
      }
    };
    request.onloadend = done;
    request.open("POST", `page/${place.dataset.session}/files`);
    request.send(form);
  }

  // Before Gradio hears of it.
  document.addEventListener(
    "click",
    (event) => {
      if (uploads && event.target.closest("#hv-read")) {
        event.stopImmediatePropagation();
        readWaits = true;
      }
    },
    true
  );

  document.addEventListener("change", (event) => {
    const place = under(event.target);
    if (!place || event.target.type !== "file") return;
    send(place, [...event.target.files]);
    event.target.value = "";
  });

  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const place = document.querySelector(".hv-choose");
      if (!place || !event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      place.querySelector(".hv-drop").classList.toggle("hv-dropping", kind === "dragover");
      if (kind === "drop") send(place, [...event.dataTransfer.files]);
    });
  }

  document.addEventListener("click", async (event) => {
    const place = under(event.target);
    if (!place) return;
    const remove = event.target.closest("[data-number]");
    if (remove) {
      await fetch(`page/${place.dataset.session}/files/${remove.dataset.number}`, { method: "DELETE" });
      remove.closest("li").remove();
      place.querySelector("input[type=file]").focus();
    } else if (event.target.closest(".hv-camera-on")) {
      await switchOn(place);
    } else if (event.target.closest(".hv-camera-off")) {
      switchOff(place);
    } else if (event.target.closest(".hv-take")) {
      take(place);
    }
  });

  async function switchOn(place) {
    const video = place.querySelector("video");
    try {
      const wanted = { facingMode: "environment", width: { ideal: 4096 }, height: { ideal: 3072 } };
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted });
      await video.play();
    } catch (error) {
      tell(place, says(place, "no_camera", { why: error.message || error.name }), true);
      return;
    }
    tell(place, "");
    place.querySelector(".hv-camera").hidden = false;
    place.querySelector(".hv-camera-on").hidden = true;
    place.querySelector(".hv-take").focus();
  }

  function switchOff(place) {
    const video = place.querySelector("video");
    for (const track of video.srcObject ? video.srcObject.getTracks() : []) track.stop();
    video.srcObject = null;
    place.querySelector(".hv-camera").hidden = true;
    place.querySelector(".hv-camera-on").hidden = false;
    place.querySelector(".hv-camera-on").focus();
  }

  let taken = 0;
  function take(place) {
    const video = place.querySelector("video");
    const canvas = Object.assign(document.createElement("canvas"), {
      width: video.videoWidth,
      height: video.videoHeight,
    });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((picture) => {
      taken += 1;
      send(place, [new File([picture], `${says(place, "camera_name")} ${taken}.png`, { type: "image/png" })]);
    }, "image/png");
  }

  // Browsers give cameras to pages of this machine and of HTTPS only; phones offer theirs where files are chosen.
  const camera = navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  document.documentElement.classList.toggle("hv-has-camera", Boolean(camera));
})();
