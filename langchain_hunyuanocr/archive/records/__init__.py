"""Records: what each page is, and its values, found once and stored, so that papers can be counted and added up.

`paper_kind` tells invoices from receipts and letters, `record` finds the values, `record_store`
keeps them in the ledger, and
`bearer` tells whether a paper bears a name.
"""
