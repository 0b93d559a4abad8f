"""Chinese surnames: what the first character of a name can be, so that a misread one is known for it.

The single ones are most of the Hundred Family Surnames and further frequent ones; the double ones are those in use.
"""

# ruff: noqa: E501 - a Chinese character counts as two columns here

from __future__ import annotations

import re

_SINGLE = frozenset(
    "萧傅王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文温樊齐庞翟"
    "颜俞章鲁葛安施倪毕聂焦路鲍柳申殷左洪游关包牛岳耿辛欧阎阮涂童符宁詹祁房霍凌骆柯裴翁项舒季尚卜尤蓝霞梅代兰盛娄"
    "柴党解管滕车冉靳苗甘纪谷穆屈司成单简鞠牟宫祝闵伍谈景饶费佟窦费宗丛强岑桂古连全逯米苑巩郎冀仲甄卓褚栾吉荆尧隋"
    "晏臧边喻敖班仇辜华封冷阳储戚邢席蒙蔺艾计商练虞银麻屠惠蒲池邝芦晋瞿时楚辉容卞尉迟明应匡麦糜郜原官沙乌衣鄢郁於"
    "敬燕奚桑寇卫贝庄和凤花柏水云昌平皮狄伏湛禹茅危杭诸裘缪干宣贲邓芮羿汲邴松井富巫焦巴弓牧隗山谷侯宓蓬全郗班仰秋"
    "伊宫宁仇栾暴钭厉戎祖武符刘束叶幸韶黎蓟薄印宿怀从鄂索咸籍赖卓屠蒙乔阴胥能苍双闻莘党翟谭贡劳逄姬扶堵冉宰郦雍却"
    "璩桑濮牛寿通边扈冀郏浦尚农温别庄晏柴阎充慕茹习宦鱼容向古慎戈庾终暨居衡步都满弘国寇广禄阙东殳沃利蔚越夔隆师巩"
    "厍晁勾融訾阚那空毋沙乜养鞠须丰巢蒯相查后红竺权盖益桓公闫肖岩帅佘缑亢况郈有琴海晟楼覃仝谯税苟植揭禤招母幺俸丘"
)
_DOUBLE = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "端木", "长孙", "宇文", "司徒",
    "司空", "轩辕", "南宫", "西门", "独孤", "赫连", "澹台", "呼延", "申屠", "太史", "钟离", "闻人", "拓跋", "万俟", "淳于",
)  # fmt: skip
_CHINESE = re.compile(r"[\u3400-\u9fff](?:\s?[\u3400-\u9fff]){1,3}")


def may_be_misread(name: str) -> bool:
    """Whether `name` is two to four Chinese characters that begin with no surname, as some names of minorities do."""
    bare = re.sub(r"\s", "", name)
    return _CHINESE.fullmatch(name) is not None and bare[0] not in _SINGLE and not bare.startswith(_DOUBLE)
