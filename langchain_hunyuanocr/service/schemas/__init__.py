"""Schemas of requests and answers: `read` our own, `openai` those of OpenAI's chat completions."""
