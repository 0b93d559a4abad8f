"""What a job keeps of what its caller wanted, also where a service of before has kept it."""

from __future__ import annotations

from langchain_hunyuanocr.service.page_reading import ReadRequest

OF_BEFORE = (
    '{"task":"fields","question":null,"fields":["合计"],"preset":null,"pages":"1-3","password":"word",'
    '"force_ocr":false,"verify":"all","ground":false,"step_s":0.5,"language":"en"}'
)


def test_a_job_that_was_kept_before_is_taken_up() -> None:
    assert ReadRequest.of_json(OF_BEFORE) == ReadRequest(
        task="fields", fields=("合计",), pages="1-3", password="word", verify="all", language="en"
    )


def test_a_request_comes_back_as_it_was_kept() -> None:
    request = ReadRequest(question="谁签了字？", pages="2-", password="word", step_s=0.25, ground=True)
    assert ReadRequest.of_json(request.as_json()) == request
    assert "word" not in repr(request)
