"""File picker: where files are dropped, chosen or taken by the camera, as HTML; `file_picker.js` uploads them."""

from __future__ import annotations

import json
from html import escape

from langchain_hunyuanocr.ui.i18n.messages import Messages
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession

_TAKES = "application/pdf,image/*,.heic,.heif,.tif,.tiff"
_SCRIPT_SAYS = ("remove", "uploading", "lost", "no_camera", "camera_name")


def file_picker_html(words: Messages, session: WindowSession) -> str:
    """The place for files.

    Args:
        words: Of the visitor; the script takes its own from here.
        session: That the files go to.
    """
    said = escape(json.dumps({key: words(key) for key in _SCRIPT_SAYS}, ensure_ascii=False))
    return f"""<div class="hv-choose" data-session="{session.id}" data-words="{said}" lang="{words.tag}">
<label class="hv-drop"><span class="hv-away">{words("files")}: </span><span aria-hidden="true" class="hv-plus">+</span>
<span>{words("drop")}</span><input type="file" multiple accept="{_TAKES}"></label>
<button type="button" class="hv-camera-on">{words("camera")}</button>
<div class="hv-camera" hidden><video playsinline muted aria-label="{words("camera_view")}"></video>
<div><button type="button" class="hv-take">{words("take")}</button>
<button type="button" class="hv-camera-off">{words("camera_off")}</button></div></div>
<p class="hv-upload" role="status"></p><ul class="hv-chosen" aria-label="{words("files")}"></ul></div>"""
