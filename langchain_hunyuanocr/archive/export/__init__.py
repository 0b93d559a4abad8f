"""The archive's way out: pages, fields and table rows as JSON lines, Parquet, SQL tables or Kafka messages."""
