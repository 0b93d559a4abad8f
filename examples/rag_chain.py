"""A RAG chain over scanned papers: LangChain's own parts, with the page and the place of each source.

    pip install "langchain-hunyuanocr[rapid,chroma,llm]" langchain-openai
    python examples/rag_chain.py "How long is the lease?" --llm openai:gpt-5-mini scans/

`--llm` takes any chat model that LangChain's `init_chat_model` knows, Ollama's local ones too. Where each sentence must
be proven by a quote from its page, ask the archive itself: `archive.ask(question, llm=model)`.
"""

import argparse
import tempfile

from langchain.chat_models import init_chat_model
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableParallel, RunnablePassthrough
from papers import papers

from langchain_hunyuanocr import Archive

PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "Answer from the numbered sources alone, in the language of the question, and name them as [1]."),
        ("human", "{sources}\n\nQuestion: {question}"),
    ]
)


def numbered(documents: list[Document]) -> str:
    """The sources as the model sees them."""
    return "\n\n".join(f"[{number}] {document.page_content}" for number, document in enumerate(documents, 1))


def place(document: Document) -> str:
    """Where a source stands."""
    where = document.metadata
    return f"{where['source']}, page {where['page'] + 1}, box {where.get('box', 'not known')}"


def main() -> None:
    """Ingest, retrieve, answer."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("question")
    arguments.add_argument("paths", nargs="*")
    arguments.add_argument("--llm", required=True)
    given = arguments.parse_args()

    with Archive(tempfile.mkdtemp(prefix="archive-"), create=True) as archive:
        archive.ingest(papers(given.paths))
        answer = (
            RunnablePassthrough.assign(sources=lambda known: numbered(known["documents"]))
            | PROMPT
            | init_chat_model(given.llm)
            | StrOutputParser()
        )
        chain = RunnableParallel(
            documents=archive.as_retriever(k=4), question=RunnablePassthrough()
        ) | RunnablePassthrough.assign(answer=answer)
        found = chain.invoke(given.question)

    print(found["answer"])
    for number, document in enumerate(found["documents"], 1):
        print(f"[{number}] {place(document)}")


if __name__ == "__main__":
    main()
