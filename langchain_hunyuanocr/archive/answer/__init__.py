"""Questions answered with the place that proves the answer.

`answerer` leads, and asks `extractive`, `aggregate`, `generative` or `visual`; `models` are its answers, `proof` checks
quotes, `locate` finds their boxes, `page_images` draws them.
"""
