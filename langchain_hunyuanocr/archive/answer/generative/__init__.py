"""The answer of a chat model, of which only proven sentences are let through.

`chat_model` opens the model, `prompt` asks it, `stream_parser` reads its sentences and quotes, `proven_answer` keeps
what stands on the cited pages.
"""
