"""A raw answer, or the lines of a page, become what the page says (`content`) and how far it can be relied on.

* From a language model's answer: `answer` leads; `phrases`, `degenerate`, `fences`, `figures`, `formulas`, `equations`
  and `markdown` clean a document, `blocks` and `parts` divide it; `spotting`, `regions` and `translation` take their
  own tasks.
* From lines at their places: `layout` leads; `strips`, `columns`, `paragraphs`, `rules`, `ruled`, `aligned`,
  `borderless` and `filling` make columns, paragraphs and tables of them.
* Tables: `tables` is the value; `html_tables`, `cell_markup` and `markdown_tables` read and write it, `headers` finds
  its header, `merged` is the choice about merged cells, `joining`, `continuing` and `page_edges` follow it over pages.
* Fields: `fields` leads; `plan`, `schema` and `presets` say what is wanted; `finding`, `labels`, `rows`, `values` and
  `normal` find it, `confirm` takes it from an answer, `evidence`, `checks` and `looks` prove it, `merging`
  joins pages.
* The second reader: `plain`, `items` and `placing` lay its lines against the text; `agreement` says where the two
  differ, `grounding` where the text stands, `unsure` where the model itself was not sure.
"""
