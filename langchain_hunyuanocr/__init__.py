"""HunyuanOCR as a LangChain document loader and RAG ingestion plugin."""
