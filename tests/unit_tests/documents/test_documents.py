from __future__ import annotations

import json
import pickle

from langchain_core.documents import Document
from langchain_core.load import dumps, loads

from langchain_hunyuanocr.documents import join_documents, metadata_of, to_document, to_record
from langchain_hunyuanocr.results import Box, Doubt, Field, FieldState, Route, Status, Table
from tests.unit_tests.readings import paragraph, reading

TOTAL = Field(name="total", value="12.00", state=FieldState.CONFIRMED, page=0, box=Box(0.1, 0.2, 0.3, 0.4))
VOID = Field(name="tax", value=None, state=FieldState.MISSING)
TABLE = Table(rows=(("a", "b"), ("1", "2")), html="<table></table>", markdown="| a | b |\n|---|---|\n| 1 | 2 |")


def flat(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str | int | float | bool) for item in value)
    return isinstance(value, str | int | float | bool)


def test_metadata_is_flat_stable_and_named_as_designed() -> None:
    page = reading("text", fields=(TOTAL, VOID), tables=(TABLE,), doubts=(Doubt(text="12.00", other="72.00"),))
    metadata = metadata_of(page)
    assert all(flat(value) for value in metadata.values())
    assert set(metadata) == {
        *("source", "file_name", "sha256", "page", "total_pages", "engine", "model", "revision", "task", "route"),
        *("status", "doubts", "width", "height", "rotation", "dpi", "table_count", "tables", "fields"),
        *("field_total", "field_total_state", "field_total_box", "field_tax_state"),
    }
    assert metadata["field_total"] == "12.00"
    assert metadata["field_total_box"] == [0.1, 0.2, 0.3, 0.4]
    assert metadata["field_tax_state"] == "missing"
    assert metadata["tables"] == [TABLE.markdown]
    assert json.loads(metadata["fields"])[0]["state"] == "confirmed"
    assert metadata == metadata_of(page)


def test_unknown_and_empty_values_are_left_out() -> None:
    metadata = metadata_of(reading("text"))
    assert not {"page_label", "agreement", "doubts", "tables", "fields"} & set(metadata)
    assert metadata_of(reading("text", page_label="iv", agreement=0.5))["page_label"] == "iv"


def test_a_document_keeps_its_places_through_a_pickle_and_serialises_as_a_plain_one() -> None:
    document = to_document(reading("text", blocks=(paragraph(0, 4),)))
    assert isinstance(document, Document)
    assert document.blocks == (paragraph(0, 4),)
    assert pickle.loads(pickle.dumps(document)).blocks == document.blocks
    assert set(document.model_dump()) == {"id", "metadata", "page_content", "type"}
    assert document == to_document(reading("text", blocks=(paragraph(0, 4),)))


def test_a_document_is_loaded_again_as_a_plain_one_and_is_equal_to_it() -> None:
    tax = Field(name="tax", value="3", state=FieldState.CONFIRMED, page=0)
    page = reading("text", blocks=(paragraph(0, 4),), fields=(TOTAL, tax), tables=(TABLE,), agreement=0.5)
    for document in (to_document(page), join_documents([page, page])):
        document.id = "7"
        for allowed in ("core", [Document]):
            loaded = loads(dumps(document), allowed_objects=allowed)
            assert type(loaded) is Document
            assert (loaded.page_content, loaded.metadata) == (document.page_content, document.metadata)
            # Whichever of the two is asked.
            assert loaded == document
            assert document == loaded


def test_documents_that_say_something_else_are_not_equal() -> None:
    document = to_document(reading("text"))
    assert document == Document("text", metadata=document.metadata)
    assert document == to_document(reading("text", blocks=(paragraph(0, 4),))), "places are no part of it"
    for other in (
        Document("texts", metadata=document.metadata),
        Document("text", metadata={**document.metadata, "page": 5}),
        Document("text", metadata=document.metadata, id="7"),
        "text",
    ):
        assert document != other
        assert other != document


def test_pages_are_joined_with_the_places_moved_and_the_worst_status() -> None:
    first = reading("one", blocks=(paragraph(0, 3),), fields=(VOID,), route=Route.TEXT_LAYER, total_pages=2)
    tax = Field(name="tax", value="3", state=FieldState.CONFIRMED, page=1)
    second = reading(
        "second", page=1, blocks=(paragraph(0, 6),), fields=(tax,), status=Status.TRUNCATED, tables=(TABLE,)
    )
    document = join_documents([first, second])
    assert document.page_content == "one\n\nsecond"
    assert [document.page_content[b.start : b.end] for b in document.blocks] == ["one", "second"]
    assert [(place.start, place.page) for place in document.pages] == [(0, 0), (5, 1)]
    assert document.metadata["status"] == "truncated"
    assert document.metadata["route"] == "ocr"
    assert document.metadata["field_tax"] == "3"
    assert document.metadata["table_count"] == 1


def test_a_joined_document_says_what_each_of_its_pages_warns_of() -> None:
    typed = reading("one", route=Route.TEXT_LAYER, unseen_text=0.1, warnings=("white text",))
    mixed = reading("two", page=1, route=Route.MIXED, unseen_text=0.4, warnings=("white text", "an attachment"))
    metadata = join_documents([typed, mixed]).metadata
    assert (metadata["route"], metadata["unseen_text"]) == ("mixed", 0.4)
    assert metadata["warnings"] == ["white text", "an attachment"]


def test_a_blank_page_among_read_ones_does_not_make_a_file_blank() -> None:
    joined = join_documents([reading("", status=Status.BLANK), reading("text", page=1)])
    assert joined.metadata["status"] == "ok"


def test_agreement_of_a_file_is_weighed_by_length_of_text() -> None:
    joined = join_documents([reading("aaa", agreement=1.0), reading("b", page=1, agreement=0.0), reading("c", page=2)])
    assert joined.metadata["agreement"] == 0.75


def test_a_record_has_every_key_of_the_command_line_contract() -> None:
    record = to_record(reading("text", fields=(TOTAL,), tables=(TABLE,)))
    assert {"source", "page", "status", "markdown", "tables", "lines", "fields", "agreement", "doubts"} <= set(record)
    assert set(record["tables"][0]) == {"html", "markdown", "rows", "box"}
    assert set(record["fields"][0]) == {"name", "value", "state", "page", "box"}
    assert json.loads(json.dumps(record)) == json.loads(json.dumps(record, sort_keys=True))


def test_a_translation_stands_beside_its_source() -> None:
    document = to_document(reading("你好", task="translate_en", translation="Hello"))
    assert (document.page_content, document.metadata["translation"]) == ("你好", "Hello")
