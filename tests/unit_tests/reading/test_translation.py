from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.answers.translation import split_translation

TABLE_ZH = "<table><tr><th>项目</th><th>金额</th></tr><tr><td>租金</td><td>1,200</td></tr></table>"
TABLE_EN = "<table><tr><th>Item</th><th>Amount</th></tr><tr><td>Rent</td><td>1,200</td></tr></table>"
GRID_DE = "| Posten | Betrag |\n| --- | --- |\n| Miete | 1200 |"
GRID_EN = "| Item | Amount |\n| --- | --- |\n| Rent | 1200 |"

TO_ENGLISH = {
    "lines": ("禁止吸烟\n违者罚款200元", "No smoking\nViolators will be fined 200 yuan"),
    "paragraphs": ("# 通知\n\n明天放假。", "# Notice\n\nTomorrow is a holiday."),
    "names in the source": (
        "我们使用 Python 和 PyTorch 编写程序。\n请联系 John Smith。",
        "We write programs with Python and PyTorch.\nPlease contact John Smith.",
    ),
    "a line of names ends the source": (
        "本公司成立于2001年，总部位于上海。\nACME Trading Co., Ltd.",
        "The company was founded in 2001 and is based in Shanghai.\nACME Trading Co., Ltd.",
    ),
    "a line of names begins both": (
        "ACME Trading\n欢迎光临本店，祝您购物愉快。",
        "ACME Trading\nWelcome to our shop, we wish you pleasant shopping.",
    ),
    "a name begins the translation alone": (
        "张伟\n张伟是一名医生，在北京工作。",
        "Zhang Wei\nZhang Wei is a doctor who works in Beijing.",
    ),
    "numbers at the seam": (
        "会议记录\n本次会议讨论了预算。\n2024-05-01",
        "Minutes\nThis meeting discussed the budget.\n2024-05-01",
    ),
    "numbers at the beginning": ("2024-05-01\n本次会议讨论了预算。", "2024-05-01\nThis meeting discussed the budget."),
    "tables": (f"费用如下：\n{TABLE_ZH}", f"The costs are as follows:\n{TABLE_EN}"),
    "tables first": (f"{TABLE_ZH}\n以上为费用。", f"{TABLE_EN}\nThese are the costs."),
    "tables alone": (TABLE_ZH, TABLE_EN),
    "an untranslated table": (f"费用如下：\n{TABLE_EN}", f"The costs are as follows:\n{TABLE_EN}"),
    "formulas": ("质能方程：\n$$E = mc^2$$", "The equation of mass and energy:\n$$E = mc^2$$"),
    "Japanese": (
        "会社概要\n当社は1998年に設立されました。\n代表取締役 山田太郎",
        "Company profile\nOur company was founded in 1998.\nTaro Yamada, representative director",
    ),
    "a page on translation": (
        "# 翻译\n翻译是一门艺术。\n## 译文\n译文应当准确。",
        "# Translation\nTranslation is an art.\n## Translation\nA translation should be exact.",
    ),
    "Russian": ("Добро пожаловать в Москву!\nВыход", "Welcome to Moscow!\nExit"),
    "Korean": ("출입 금지\n관계자 외 출입을 금합니다.", "No entry\nAuthorised personnel only."),
    "French": (
        "Rapport annuel\nLa société a été fondée en 1998 et elle est située à Lyon.\nLe chiffre d'affaires est stable.",
        "Annual report\nThe company was founded in 1998 and is located in Lyon.\nThe turnover is stable.",
    ),
    "French paragraphs": (
        "# Avis\n\nLe magasin est fermé pour travaux.\n\nMerci de votre visite.",
        "# Notice\n\nThe shop is closed for works.\n\nThank you for your visit.",
    ),
    "German": (
        "Rechnung Nr. 4711\nBitte überweisen Sie den Betrag bis zum 1. Mai.\nMit freundlichen Grüßen\nPeter Müller",
        "Invoice No. 4711\nPlease transfer the amount by the 1st of May.\nWith kind regards\nPeter Müller",
    ),
    "German tables": (f"Die Kosten sind wie folgt:\n\n{GRID_DE}", f"The costs are as follows:\n\n{GRID_EN}"),
    "Spanish": (
        "Prohibido el paso a toda persona ajena a la obra.\nEl uso del casco es obligatorio.",
        "No entry for any person who does not belong to the site.\nThe use of a helmet is mandatory.",
    ),
}
TO_CHINESE = {
    "English": ("No smoking\nViolators will be fined 200 yuan", "禁止吸烟\n违者罚款200元"),
    "names in the translation": (
        "OpenAI released GPT-4 in March 2023.\nMicrosoft invested in OpenAI.",
        "OpenAI 于 2023 年 3 月发布了 GPT-4。\nMicrosoft 投资了 OpenAI。",
    ),
    "a name begins both": (
        "ACME Trading\nWelcome to our shop, we wish you pleasant shopping.",
        "ACME Trading\n欢迎光临本店，祝您购物愉快。",
    ),
    "Japanese": ("当社は東京にあります。\n営業時間は9時から17時までです。", "本公司位于东京。\n营业时间为9点至17点。"),
    "traditional Chinese": ("歡迎來到臺灣，請遵守規則。", "欢迎来到台湾，请遵守规则。"),
    "Russian": ("Добро пожаловать в Москву!", "欢迎来到莫斯科！"),
    "tables": (f"The costs are as follows:\n{TABLE_EN}\nThank you.", f"费用如下：\n{TABLE_ZH}\n谢谢。"),
    "German": ("# Hinweis\n\nDie Tür ist zu schließen.", "# 提示\n\n请关好门。"),
    "code": ("Run this:\n```bash\npip install x\n```", "运行：\n```bash\npip install x\n```"),
}
CASES = [("en", name, *parts) for name, parts in TO_ENGLISH.items()]
CASES += [("zh", name, *parts) for name, parts in TO_CHINESE.items()]


@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["line", "blank line"])
@pytest.mark.parametrize(("target", "name", "source", "translation"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_the_cut_is_found(target: str, name: str, source: str, translation: str, between: str) -> None:
    assert split_translation(f"{source}{between}{translation}", target) == (source, translation)


@pytest.mark.parametrize(
    ("target", "source", "translation"),
    [
        ("en", "小心地滑", "Caution: wet floor"),
        ("en", "由 John Smith 签署。", "Signed by John Smith."),
        ("en", "今天天气很好。我们去公园。", "The weather is nice today. We go to the park."),
        ("en", "Le magasin est fermé. Merci de votre visite.", "The shop is closed. Thank you for your visit."),
        ("en", "Fermé le dimanche", "Closed on Sundays"),
        ("en", "# Avis\nLe magasin est fermé", "# Notice\nThe shop is closed"),
        ("zh", "Caution: wet floor", "小心地滑"),
        ("zh", "The weather is nice today.", "今天天气很好。"),
        ("zh", "これは本です。", "这是一本书。"),
        ("zh", "Made by ACME", "（ACME 制造）"),
    ],
)
@pytest.mark.parametrize("between", ["", " "], ids=["nothing", "space"])
def test_both_may_stand_on_one_line(target: str, source: str, translation: str, between: str) -> None:
    assert split_translation(f"{source}{between}{translation}", target) == (source, translation)


@pytest.mark.parametrize(
    ("target", "marker"),
    [
        ("en", "翻译："),
        ("en", "译文"),
        ("en", "英文翻译："),
        ("en", "## Translation:"),
        ("en", "**English translation:**"),
        ("en", "以下是英文翻译："),
        ("en", "【译文】"),
        ("en", "翻译结果如下："),
        ("en", "Translation into English:"),
    ],
)
def test_a_line_between_them_is_taken_out(target: str, marker: str) -> None:
    source, translation = "禁止吸烟\n2024年", "No smoking\n2024"
    assert split_translation(f"{source}\n{marker}\n{translation}", target) == (source, translation)
    assert split_translation(f"{source}\n\n{marker}\n\n{translation}", target) == (source, translation)
    assert split_translation(f"原文：\n{source}\n{marker}\n{translation}", target) == (source, translation)
    assert split_translation(f"{source}\n{marker}", target) == (source, None)


def test_a_marker_may_stand_before_the_translation_on_its_line() -> None:
    assert split_translation("禁止吸烟\n翻译：No smoking", "en") == ("禁止吸烟", "No smoking")
    assert split_translation("原文：禁止吸烟\n译文：No smoking", "en") == ("禁止吸烟", "No smoking")


PAGE = "通知\n本店将于下周一起停业装修，为期两个月。\n给您带来不便，敬请谅解。\n联系电话：010-12345678"
TRANSLATED = (
    "Notice\nThis shop will be closed for renovation from next Monday for two months.\n"
    "We apologise for any inconvenience.\nTelephone: 010-12345678"
)


@pytest.mark.parametrize("length", range(20, len(TRANSLATED), 7))
def test_a_translation_may_be_cut_off(length: int) -> None:
    begun = TRANSLATED[:length]
    assert split_translation(f"{PAGE}\n{begun}", "en") == (PAGE, begun.strip())


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("en", ""),
        ("zh", "  \n "),
        ("en", "12\n34\n56"),
        ("zh", "12 34"),
        ("en", "$$E = mc^2$$"),
        ("en", PAGE),
        ("zh", PAGE),
        ("en", TRANSLATED),
        ("zh", TRANSLATED),
        ("en", f"{PAGE}\n{PAGE}\n{PAGE}\nACME Ltd."),
        ("zh", f"Annual Report\n{PAGE}\n{PAGE}"),
        ("en", f"Avis\n{TRANSLATED}"),
        ("en", "Le magasin est fermé pour travaux.\n\nMerci de votre visite."),
        ("zh", f"{PAGE} GitHub\n使用 Python 编写。"),
        ("en", f"结果\n{TRANSLATED}\n{TRANSLATED}"),
        ("zh", TABLE_ZH),
        ("en", GRID_EN),
    ],
)
def test_without_a_translation_the_text_stays_as_it_is(target: str, text: str) -> None:
    assert split_translation(text, target) == (text, None)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"第{n}条 本合同由双方签署。\n" for n in range(2000))
        + "".join(f"Article {n}: signed.\n" for n in range(2000)),
        "".join(f"Le contrat numéro {n} est signé. The contract is signed.\n" for n in range(1200)),
        "中a" * 20_000,
        "\n" * 70_000,
        "|a|\n" * 17_000,
        "<table>" * 10_000,
        "$" * 70_000,
        "$$a" * 23_000,
        "\\[" * 35_000,
        "((((" * 10_000 + "中a(" * 10_000,
        ("中文 name " * 7_000 + "\n") * 2,
        " \n\t" * 23_000,
        "." * 70_000,
    ],
    ids=range(13),
)
def test_long_answers_are_parted_to_their_end(text: str) -> None:
    source, translation = split_translation(text, "en")
    assert source in text
    assert (translation or "") in text
