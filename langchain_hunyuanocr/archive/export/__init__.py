"""The archive's way out: pages, fields and table rows as JSON lines, Parquet, SQL tables or Kafka messages.

`export` leads: `ledger_pages` gives the pages, `rows` what is written of them; `jsonl`, `parquet`, `sql` with
`sql_schema` and `kafka` with `kafka_state` write it, `outcome` counts.
"""
