"""Wording: the words in which people ask for papers and their values, in English and Chinese.

Everyday ones among them: who pays, bills, spends asks for a total, who shops or buys for a merchant or a day.
"""

# ruff: noqa: E501 - a Chinese character counts as two columns here
from __future__ import annotations

import re

from langchain_hunyuanocr.archive.records.paper_kind import RECORDS

_NOUNS_ZH = "|".join(noun for record in RECORDS.values() for noun in record.nouns_zh)
BILL = re.compile(r"\bbills?\b|账单|单据")
"""What may be an invoice or a receipt."""
SEVERAL = re.compile(r"\b(?:bills|visits|times)\b")
COUNT = re.compile(
    r"\bhow (?:many|often)\b|(?<!invoice )(?<!receipt )(?<!contract )\b(?:number|count) of\b|^\W*count\b"
    r"|几[张份次]|多少[张份次]|[张份次]数|数量是",
    re.IGNORECASE,
)
AVERAGE = re.compile(r"\b(?:average|mean)\b|平均")
MAXIMUM = re.compile(
    r"\b(?:highest|largest|biggest|greatest|maximum|(?:the )?most expensive|dearest|most money"
    r"|(?:pay|paid|spen[dt]|cost)s?(?: the)? most"
    r"|latest|newest|last|most recent)\b|最[大高多贵晚新近]|最后一"
)
MINIMUM = re.compile(
    r"\b(?:lowest|smallest|least|minimum|(?:the )?least expensive|cheapest|earliest|oldest"
    r"|first)\b|最[小低少早]|最便宜|第一次"
)
OF_DATES = re.compile(r"\b(?:latest|newest|last|most recent|earliest|oldest|first)\b|最[晚新近早]|最后一|第一次")
SUM = re.compile(
    r"\b(?:sums?|add(?:s|ed)? up|altogether|in all|in total|overall|total spending|total spent)\b"
    r"|合计|总[和计共]|一共|共计|加起来"
)
ALL = re.compile(
    r"\b(?:all|every|each|any|together|everything)\b"
    rf"|所有|全部|各张?份?(?={_NOUNS_ZH}|\s*$)|每[张份]|哪些[张份]?|一共有|共有|列出"
)
LIST = re.compile(r"\b(?:list|show)\b|列出|哪些")
WHICH = re.compile(r"\bwhich\b|哪[几一]?[张份]")
OVER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "total",
            r"税价合计|价税合计|(?<!不)含税(?:总?金?额|总价)?|\btotals? including (?:tax|vat)\b|\b(?:tax|vat) included\b",
        ),
        (
            "subtotal",
            r"不含税(?:总?金?额)?|小计|\bsub-?totals?\b|\bnet (?:amounts?|totals?)\b"
            r"|\b(?:before|without|excluding) (?:tax|vat)\b",
        ),
        ("tax", r"税额|税金|\b(?:vat|gst|sales tax|tax)(?: amounts?)?\b"),
        (
            "address",
            r"(?<!mail )(?<!web )(?<!internet )(?<!ip )\b(?:what |which )?address(?:es)?\b|\bwhere (?:is|are|to find)\b"
            r"|\bwhere (?:can|could|do|does|would|will) (?:i|we|you|one) (?:find|reach)\b"
            r"|\b(?:in |on )?(?:which|what) street\b"
            r"|\blocat(?:ed|ion)\b|(?<!网络)(?<!邮箱)(?<!邮件)地址|在哪里?|哪条街|位于",
        ),
        (
            "merchant",
            r"\bwho (?:sold|billed|charged|got|received|took)\b(?: us| me)?"
            r"|\b(?:at |from |in )?(?:which|what) (?:shop|store|merchant|restaurant|seller|supplier)\b"
            r"(?: charged| billed)?"
            r"|\bfrom whom\b|\bwhere did (?:we|i)\b|哪家(?:店|商店|超市|餐厅)?(?:收了?)?|谁收了?",
        ),
        ("payment_method", r"\bhow (?:did|do) (?:we|i) pay\b|\bpayment method\b|付款方式|怎么付"),
        ("number", r"\b(?:invoice|receipt|bill|contract) (?:number|no)\b|(?:发票|收据|合同)(?:号码?|编号)"),
        (
            "date",
            r"\bwhen\b|\b(?:on )?(?:which|what) (?:day|date)\b|\bdates?\b|何时|什么时候|日期|哪[一]?天|几号",
        ),
        (
            "total",
            r"\bhow (?:much|expensive|dear)\b|\b(?:total|amount|price|sum)s?\b|\bcosts?\b|\bpaid\b|\bpay\b"
            r"|\bspen[dt]\b|\bspending\b|\bcharged?\b|\b(?:bill|invoice)(?:ed)? (?:us|me)\b"
            r"|\bwhat (?:is|was|were|are) (?:the|our|my)\b(?=.*\bbills?\b)"
            r"|\bexpensive\b|\bcheap\b|\bcome to\b|\bcame to\b|多少钱|总?金额|总[额价计]|花了?|付了?|贵|便宜|价格",
        ),
    )
)
SPENDS = re.compile(
    r"(?=.*\b(?:we|i|us|me|our)\b).*\b(?:pa(?:y|id)|spen[dt]|charged?|bill(?:ed)?|cost|buy|bought|sold|shop(?:ped)?"
    r"|eat|ate|leave|left|got|took|were|been|lunch|dine|stop|visit|park|stay|fill up|refuel|order)\b"
    r"|\b(?:what|how much)\b.*\b(?:paid|spent|charged?|cost)\b|花了|付了|收了|去了|买了?|吃"
)
"""Whoever asks so means receipts and invoices, though he names none."""
SELLER = re.compile(r"\b(?:from|by|issued by|sent by|at)\b|开具|开[的出了来]")
BUYER = re.compile(r"\b(?:billed to|addressed to|made out to|to)\b|开给|给")
LIMIT = re.compile(
    r"(?P<over>\b(?:over|above|more than|exceed(?:s|ing)?|at least|greater than)\b|超过|大于|高于|不低于|不少于)"
    r"|(?P<under>\b(?:under|below|less than|at most)\b|低于|小于|少于|不超过|不高于)"
    r"|(?P<equal>\b(?:for|of|paid|pay|exactly|spen[dt]|cost|charged?|us|got|took|received)\b|我们?)"
    r"(?=\s*[^\s\d]{0,4}\s*\d[\d,]*\.\d\d(?!\d))"
)
LIMIT_VALUE = re.compile(
    r"^\s*(?:[a-z]{2,3}\s?)?[¥￥$£€]?\s*(?P<value>\d[\d,.]*\s*[千万亿]?)\s*(?:元|(?:usd|eur|gbp|cny|rmb|myr|rm)\b)?"
)
AT_LIMIT = ("at least", "at most", "不低于", "不少于", "不超过", "不高于")
CURRENCIES = {
    "USD": r"\busd\b|\bus dollars?\b|\bdollars?\b|美元",
    "EUR": r"\beur\b|\beuros?\b|欧元",
    "GBP": r"\bgbp\b|\bpounds?(?: sterling)?\b|英镑",
    "CNY": r"\b(?:cny|rmb|yuan)\b|人民币",
}
ORDER = re.compile(
    r"^\W*(?:please |now |just )*(?:pay|send|transfer|delete|remove|ignore|forget|forward|cancel|approve|confirm|sign"
    r"|write|reply|refund|book|buy|order)\b(?!.*\?)"
    r"|^\W*请?(?:立即|马上)?(?:支付|转账|汇款|删除|忽略|忘记|取消|批准|发送|转发|退款|购买)(?!.*(?:多少|什么|几|吗|哪|谁|何|[?？]))",
    re.DOTALL,
)
"""What tells to do something; it asks for no answer, whatever papers it names."""
DUE = re.compile(
    r"\b(?:due|payable|deadline)\b|\bmust (?:we|i) pay\b|\b(?:we|i) (?:must|have to|need to) pay\b|\bpay by\b"
    r"|到期|最迟|截止|付款期限"
)
PRICE = re.compile(r"\bprices?\b|单价|价格")
"""Of a thing, where more than whose the paper is stands in the question."""
FILLING = re.compile(
    r"\b(?:what(?:'?s)?|which|who|whom|when|where|how|is|are|was|were|be|been|has|have|had|do|does|did|a|an|the|of|on|in|at|for|from|by|to"
    r"|with|and|or|it|its|this|that|these|those|there|we|i|us|our|me|my|you|your|please|tell|give|show|find|can|could|should"
    r"|amounts?|values?|together|dated?|archive|received?|issued?|sent|billed|made|out|addressed|documents?|papers?|file|grand|worth"
    r"|numbers?|currency|signed|years?|months?|due|payable|owed?|comes?|came|each|all|any|every|everything|count|total|different|than|one|ones"
    r"|money|much|many|often|times?|visits?|visit|stop|park|stay|order|went|go|left|leave|once|shop(?:s|ped|ping)?|store|buy|bought|eat|ate"
    r"|meal|lunch|dinner|written|during|exactly|charged?|got|took|would|will|must|reach"
    r"|merchant|something|anything|ever|recent|most|least|ago|name|named|called|printed|say|says|said|stand|last|first|cost|purchase|billing|send|sends)\b"
    r"|'s\b|请问|金额|总[和额计共价]|档案[库中里]*|里面|多少|几|张|份|次|元|钱|什么|怎么|哪|是|的|了|吗|呢|我们|我|你|有|在|从|向|到|于|由|和|与|中|里"
    r"|那|这|共|数量|数|上|一|年|月|日|号|最|计|应付|付|签订|签署|号码|编号|收到|收|为|去|店|给|开具?"
)
TAKEN_AWAY: tuple[re.Pattern[str], ...] = (
    ALL,
    *(record.asked for record in RECORDS.values()),
    # The longer wording first: `价税合计` is no sum of `价税`, and `must we pay` asks for no total.
    DUE,
    *(pattern for _, pattern in OVER),
    BILL,
    COUNT,
    AVERAGE,
    MAXIMUM,
    MINIMUM,
    SUM,
    LIST,
    *(re.compile(pattern) for pattern in CURRENCIES.values()),
)
"""All that asks and names nothing, in the order in which it is taken out of a question."""
PLURAL: tuple[re.Pattern[str], ...] = (*(record.several for record in RECORDS.values()), SEVERAL)
