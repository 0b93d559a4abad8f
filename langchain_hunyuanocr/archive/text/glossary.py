"""Words of office documents in Chinese and English, so that a question finds pages of the other language.

Small on purpose: words that stand as labels on invoices, contracts, minutes, reports and letters. All else is left to
the embeddings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_PAIRS = """
total, total amount, grand total, amount due, total due, add up, in total, in all, altogether =\
 合计, 总计, 总额, 总金额, 价税合计, 应付总额, 一共, 总共, 共计
subtotal = 小计
amount, sum, net amount = 金额
tax, vat = 税额, 税
including tax, incl tax, tax included = 含税, 价税合计
tax rate, vat rate = 税率
unit price, price = 单价, 价格
quantity, qty = 数量
item, description, product = 项目, 品名, 货物名称, 名称, 产品
specification, model = 规格, 型号
invoice = 发票
invoice number, invoice no = 发票号码, 发票编号, 发票号
invoice date, issue date, date of issue, bill, billed, invoiced, issued = 开票日期, 签发日期, 出具日期
due date, payment due, due by, due, to be paid, payable, pay by = 到期日, 最迟付款, 付款期限, 付款截止日期, 截止日期
date = 日期
buyer, purchaser, bill to, customer, client = 购买方, 买方, 购方, 客户, 付款方
seller, vendor, supplier, supplies, supplied = 销售方, 卖方, 销方, 供应商, 供货方, 收款方, 供应, 供货
payment terms, terms of payment = 付款条件, 付款方式, 支付方式
payment, pay, paid, payable, spent, spend, spends = 付款, 支付, 花费, 花
bank = 开户行, 银行
account number, bank account = 账号, 银行账号
taxpayer number, tax id, tax number = 纳税人识别号, 税号
contract, agreement = 合同, 协议
contract number, agreement number = 合同编号, 合同号
party a, first party = 甲方
party b, second party = 乙方
lease, rental = 租赁
lessor, landlord = 出租方, 出租人
lessee, tenant = 承租方, 承租人
rent = 租金
deposit, security deposit = 押金, 保证金
term, duration, period = 期限, 有效期, 租期
termination, terminate = 终止, 解除
notice = 通知
penalty, liquidated damages = 违约金
breach, default = 违约
liability = 责任
confidentiality, confidential = 保密
governing law = 适用法律, 管辖法律
law = 法律
dispute = 争议
arbitration = 仲裁
court, jurisdiction = 法院, 管辖
warranty, guarantee = 质保, 保修
warranty period, defects period = 质保期, 保修期
defect, defects = 缺陷, 瑕疵
delivery, deliver, delivered = 交付, 交货, 送货, 送达, 运抵, 运到
delivery date = 交货日期, 交付日期
delivery place, place of delivery = 交货地点, 交付地点
acceptance = 验收
signature, signed, sign = 签字, 签署, 签订, 签
signing date, signed, dated = 签订日期, 签署日期, 签
legal representative = 法定代表人
representative = 代表, 代表人
address = 地址, 住所
telephone, phone, tel = 电话
email = 邮箱, 电子邮件
company, corporation = 公司
board = 董事会
board of directors = 董事会
director = 董事
chairman = 董事长, 主席
chair, chaired, chairperson, presided = 主持, 主持人
minutes = 纪要, 记录
meeting = 会议
meeting date = 会议日期, 会议时间
resolution, resolved, resolve = 决议
approve, approved, approval = 批准, 通过, 审议通过, 同意
accept, accepted, agree, agreed = 同意, 接受
propose, proposed, suggest, suggested, recommend, recommended = 建议, 提议
thank, thanked, thanks = 感谢, 致谢
vote, voted, votes = 表决, 投票, 票
attendee, present, attended, participants = 出席, 参会, 与会人员, 出席人员
absent = 缺席
agenda = 议程
secretary = 秘书
dividend = 股息, 分红, 红利
report = 报告
annual report = 年度报告, 年报
quarterly = 季度
quarter = 季度
first quarter, q1 = 第一季度, 一季度
second quarter, q2 = 第二季度, 二季度
third quarter, q3 = 第三季度, 三季度
fourth quarter, q4 = 第四季度, 四季度
full year, whole year, the whole of, all year = 全年
year, annual = 年度
month = 月
revenue, sales, turnover = 收入, 营业收入, 销售额, 营收
exports = 出口额, 出口
new orders, orders received = 新签订单, 新签订单额, 新增订单
cash collected, collections = 回款额, 回款
selling expenses = 销售费用
r&d spending, r&d expenses, research and development = 研发投入, 研发费用
energy cost, energy costs = 能源成本, 能耗成本
balance due, outstanding, owe, unpaid = 未付, 欠款, 欠
service agreement, services agreement = 服务协议
engineer = 工程师
ticket, fare = 票价, 门票
profit = 利润
net profit, net income = 净利润
gross margin = 毛利率
gross profit = 毛利
growth = 增长, 增长率
cost = 成本
at most, no more than, not exceed, up to, maximum = 最多, 不超过, 最高
at least, no less than, minimum = 至少, 不少于, 不低于
fixed price, contract price = 固定价格, 固定总价, 合同价, 合同价款
warehouse, store = 仓库
expense, expenses = 费用, 支出
budget = 预算
employees, headcount, staff = 员工, 人数
region = 地区, 区域
department = 部门
project = 项目
letter = 信函, 函
subject = 主题, 事由
sender, from = 发件人, 寄件人
recipient, addressee = 收件人
manager = 经理
general manager = 总经理
president = 总裁
finance, financial = 财务
equipment = 设备
delay, delayed, late = 延误, 逾期, 迟延, 延期, 拖延
accident, accidents = 事故
contest, competition = 竞赛, 比赛
score, scored, points, point = 得分, 成绩, 分
first prize, winner, won, win, first place, came first = 第一名, 冠军, 一等奖, 第一
retire, retired, retirement, retires = 退休
office = 办公室, 办公
building = 大厦, 大楼
room = 室, 房间
investment, invest = 投资
loan = 贷款
interest rate = 利率
interest = 利息
insurance, insured, insure, cover = 保险, 投保
plan, plans, intend, intends = 打算, 计划, 拟
visit, call on = 拜访, 访问, 来访
service, services = 服务
maintenance = 维护, 维修
purchase, procurement = 采购
purchase order, order number = 采购订单, 订单编号, 订单号
quality = 质量
inventory, stock = 库存
transport, freight, shipping = 运输, 运费
receipt = 收据
discount = 折扣
remarks, notes, note = 备注
shipper, consignor = 发货人, 托运人
consignee, receives the goods = 收货人
port of loading = 装运港
destination, port of destination = 目的港
container, container number, container no = 集装箱号, 集装箱
vessel, ship, aboard, shipped = 船名, 船, 货轮
consignment, goods, cargo, shipment = 货物, 货
carton, crate = 箱数, 箱
gross weight = 毛重
advance, in advance, prepayment, down payment = 预付款, 预付
paid by, payment method, how paid = 支付方式
contact, contact person = 联系人
reference, ref, our ref, your ref = 函号, 编号
leads, lead, owner, responsible, in charge, led by, headed, heads = 负责, 牵头, 负责人
deadline, due, complete by, completed by, finished = 完成期限, 完成, 之前
against = 反对
in favour, for, in favor = 同意, 赞成
abstain, abstained, abstention = 弃权
minutes taken by, took the minutes, recorder = 记录人
place, venue, held = 地点
time = 时间
share, proportion = 比例
notice period = 通知期
days, day = 天, 日
week, weeks = 周, 星期
start, begin, begins, commence = 开始, 开工
end, expire, expires, expiry = 结束, 届满, 到期
cash = 现金
shop, supermarket, stores = 超市, 商店
working days, business days = 工作日
rate = 率
percent = 百分之
auditor, audit = 审计
bearing, bearings = 轴承
pump, pumps = 泵
motor, motors = 电机
sensor, sensors = 传感器
valve, valves = 阀门, 阀
cable, cables = 电缆
machine, machines = 机床, 机
robot, robots = 机器人
packing, packaging = 包装
conveyor = 输送
compressor, compressors = 压缩机
filter = 过滤, 滤芯
laser = 激光
training = 培训
school, academy = 学院, 学校
data centre, data center = 数据中心
workshop, tool shop = 车间
production line, assembly line = 生产线, 装配线
boiler = 锅炉
energy saving = 节能
relocation, relocate, move = 搬迁
extension, expansion, expand = 扩容, 扩建
renovation, retrofit, refurbishment = 改造, 翻新
silo = 筒仓
wastewater, sewage = 污水, 废水
plant, works = 工厂, 厂
heat = 热
digitisation, digitization = 数字化
archives = 档案
canteen = 食堂
platform = 平台
solar = 光伏
raw material, raw materials = 原料, 原材料
safety officer = 安全员, 安全主任
penalty, fine, deduct = 罚, 罚款, 扣
shareholder, shareholders = 股东
capital = 资本
registered capital = 注册资本
"""


@lru_cache(maxsize=1)
def _entries() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    rows = [line.split("=") for line in _PAIRS.strip().splitlines()]
    places = tuple(((english,), (chinese,)) for english, chinese in names_of_places())
    return tuple((_words(en), _words(zh)) for en, zh in rows) + places


def _words(side: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in side.split(","))


@lru_cache(maxsize=1)
def _by_phrase() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for english, chinese in _entries():
        for words, others in ((english, chinese), (chinese, english)):
            for word in words:
                same = (other for other in words if other != word)
                found[word] = tuple(dict.fromkeys((*found.get(word, ()), *others, *same)))
    return found


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    phrases = sorted(_by_phrase(), key=len, reverse=True)
    english = "|".join(re.escape(phrase) for phrase in phrases if phrase.isascii())
    chinese = "|".join(re.escape(phrase) for phrase in phrases if not phrase.isascii())
    return re.compile(rf"(?<![a-z])(?:{english})(?:s|es)?(?![a-z])|{chinese}")


def translations_in(folded: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The phrases of a text that the glossary knows, with what else they are called, in either language.

    Of several that begin at one place, the longest is taken.

    Args:
        folded: Text after `terms.fold`.
    """
    for match in _pattern().finditer(folded):
        phrase = match.group()
        known = _by_phrase()
        for form in (phrase, phrase.removesuffix("s"), phrase.removesuffix("es")):
            if form in known:
                yield phrase, known[form]
                break


def is_label(folded: str) -> bool:
    """Whether a text is made of nothing but phrases that the glossary knows."""
    rest = _pattern().sub("", folded)
    return rest != folded and not re.search(r"\w", rest)


_CITIES = """
beijing=北京 shanghai=上海 tianjin=天津 chongqing=重庆 guangzhou=广州 shenzhen=深圳 dongguan=东莞 foshan=佛山
zhuhai=珠海 zhongshan=中山 huizhou=惠州 hangzhou=杭州 ningbo=宁波 wenzhou=温州 shaoxing=绍兴 jiaxing=嘉兴
jinhua=金华 nanjing=南京 suzhou=苏州 wuxi=无锡 changzhou=常州 nantong=南通 xuzhou=徐州 yangzhou=扬州 hefei=合肥
wuhu=芜湖 fuzhou=福州 xiamen=厦门 quanzhou=泉州 nanchang=南昌 jiujiang=九江 ganzhou=赣州 jinan=济南 qingdao=青岛
yantai=烟台 weifang=潍坊 zhengzhou=郑州 luoyang=洛阳 kaifeng=开封 wuhan=武汉 yichang=宜昌 xiangyang=襄阳
changsha=长沙 zhuzhou=株洲 yueyang=岳阳 nanning=南宁 guilin=桂林 liuzhou=柳州 haikou=海口 sanya=三亚
chengdu=成都 mianyang=绵阳 guiyang=贵阳 zunyi=遵义 kunming=昆明 dali=大理 lhasa=拉萨 xi'an=西安 xian=西安
xianyang=咸阳 baoji=宝鸡 lanzhou=兰州 xining=西宁 yinchuan=银川 urumqi=乌鲁木齐 taiyuan=太原 datong=大同
shijiazhuang=石家庄 tangshan=唐山 baoding=保定 hohhot=呼和浩特 baotou=包头 shenyang=沈阳 dalian=大连 anshan=鞍山
changchun=长春 jilin=吉林 harbin=哈尔滨 daqing=大庆 hong_kong=香港 macau=澳门 taipei=台北
"""


_REGIONS = """
east_china=华东 north_china=华北 south_china=华南 central_china=华中 northeast=东北 northwest=西北
southwest=西南 southeast_asia=东南亚 middle_east=中东 europe=欧洲 north_america=北美 south_america=南美
africa=非洲 japan=日本 korea=韩国
"""


def names_of_places() -> list[tuple[str, str]]:
    """Pairs of an English and a Chinese name."""
    pairs = (entry.split("=") for entry in f"{_CITIES} {_REGIONS}".split())
    return [(english.replace("_", " "), chinese) for english, chinese in pairs]


def is_city(folded: str) -> bool:
    """Whether a text is the name of a city that is known here."""
    names = (entry.split("=") for entry in _CITIES.split())
    return any(folded in (english.replace("_", " "), chinese) for english, chinese in names)
