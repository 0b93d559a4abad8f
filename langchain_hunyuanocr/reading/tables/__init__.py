"""Tables: built, read, written, and joined over pages.

`build` makes a table, `html` and `markdown` read and write it, `cell_markup` keeps its inline markup harmless,
`headers` finds its header rows; `across_pages` joins tables over page breaks, by `continuation` and
`page_furniture`, over pages that are `page_like`.
"""
