"""ASGI middleware around Gradio.

`authentication` lets visitors in, who prove themselves in `login_form`; `stream_shutdown` ends open streams with the
service, and `head_script` puts a script into the page before Gradio's own.
"""
