"""Names of companies and of people in a text, by how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from langchain_hunyuanocr.archive.text.glossary import is_label
from langchain_hunyuanocr.archive.text.tokenizer import fold

ORGANISATION = re.compile(
    r"(?:[A-Z][\w'’-]*[\s,&]+(?:&\s+)?){1,6}"
    r"(?:Ltd|Limited|Inc|LLC|LLP|plc|PLC|GmbH|AG|BV|Corp|Corporation|Company|Co|Group|Stores|Bank|University)\b\.?"
    # `和` may stand within a name, but joins two where it would begin one.
    r"|(?!和)(?:(?![与给说向把谁哪是的了])[\u4e00-\u9fff]){2,18}?(?:公司|超市|集团|银行|医院|大学|学校)(?:（[^）]{1,12}）)?"
)
_PERSON_EN = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+[A-Z][\w'’-]+|[A-Z][a-z'’-]+\s+(?:[A-Z]\.?\s*){0,2}[A-Z][a-z'’-]+)"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛"
    "靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧"
    "闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_BEFORE = r"(?:^|(?<=[\s，。、；：:,.;()（）由人长理任监师书席裁事表员傅]))"
_AFTER = (
    r"(?=$|[\s，。、；：:,.;()（）]|先生|女士|同志|以|在|于|为|主持|负责|牵头|担任|表示|获得|荣获|签"
    r"|出席|代表|说|光荣|退休)"
)
_PERSON_ZH = re.compile(rf"{_BEFORE}[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?{_AFTER}")


def companies_in(text: str) -> Iterator[str]:
    """Names of companies."""
    yield from ORGANISATION.findall(text)


def people_in(text: str) -> Iterator[str]:
    """What is written like the name of a person; words that stand on forms as labels are none."""
    bare = ORGANISATION.sub("，", text)
    for match in _PERSON_EN.finditer(bare):
        if not any(is_label(fold(word)) for word in match.group().split()):
            yield match.group()
    for match in _PERSON_ZH.finditer(bare):
        if not is_label(fold(match.group())):
            yield match.group()
