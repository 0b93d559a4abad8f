"""Words known in both languages, so that a question in one can be asked of a page in the other."""

# ruff: noqa: E501 - a Chinese character counts as two columns here
from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """The same thing in Chinese and in English."""

    zh: str
    en: str


class Goods(NamedTuple):
    """Something that is sold."""

    zh: str
    en: str
    unit_zh: str
    unit_en: str
    price: float
    """Typical, in yuan; prices are drawn around it."""
    tax_class: str
    """Short name of the class that stands between asterisks on a Chinese VAT invoice."""

    @property
    def inner_en(self) -> str:
        """The English name as it stands inside a sentence."""
        return self.en if self.en[1].isupper() or self.en[1].isdigit() else self.en[0].lower() + self.en[1:]


def _pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair(*item.strip().split("=")) for item in text.strip().split(";"))


CITIES = _pairs(
    "苏州=Suzhou; 无锡=Wuxi; 宁波=Ningbo; 杭州=Hangzhou; 南京=Nanjing; 合肥=Hefei; 武汉=Wuhan; 长沙=Changsha; 成都=Chengdu; "
    "重庆=Chongqing; 西安=Xi'an; 郑州=Zhengzhou; 济南=Jinan; 青岛=Qingdao; 大连=Dalian; 沈阳=Shenyang; 天津=Tianjin; "
    "厦门=Xiamen; 福州=Fuzhou; 广州=Guangzhou; 深圳=Shenzhen; 东莞=Dongguan; 佛山=Foshan; 珠海=Zhuhai; 昆明=Kunming; "
    "贵阳=Guiyang; 南宁=Nanning; 南昌=Nanchang; 温州=Wenzhou; 绍兴=Shaoxing; 嘉兴=Jiaxing; 常州=Changzhou; 南通=Nantong; "
    "徐州=Xuzhou; 烟台=Yantai; 潍坊=Weifang; 洛阳=Luoyang; 太原=Taiyuan; 石家庄=Shijiazhuang; 哈尔滨=Harbin; 长春=Changchun; "
    "兰州=Lanzhou; 银川=Yinchuan; 西宁=Xining; 海口=Haikou; 泉州=Quanzhou; 中山=Zhongshan; 惠州=Huizhou; 芜湖=Wuhu; 宜昌=Yichang"
)
CITY_PARTS = _pairs(
    "高新区=High-Tech Zone; 经济开发区=Development Zone; 港区=Harbour; 东城=East End; 西城=West End; 北郊=Northern Outskirts; 老城=Old Town; "
    "保税区=Free Trade Zone; 大学城=University Town; 空港=Airport"
)
INDUSTRIES = _pairs(
    "精密机械=Precision Machinery; 电子科技=Electronics; 医疗器械=Medical Devices; 新材料=Advanced Materials; 物流=Logistics; "
    "纺织=Textiles; 食品=Foods; 建筑工程=Construction; 环保设备=Environmental Equipment; 化工=Chemicals; 印刷包装=Packaging; "
    "汽车零部件=Auto Parts; 仪器仪表=Instruments; 能源=Energy; 农业科技=Agritech; 软件=Software; 家具=Furniture; 光学=Optics; "
    "电缆=Cables; 船舶=Marine; 冷链=Cold Chain; 陶瓷=Ceramics; 五金=Hardware; 照明=Lighting; 水处理=Water Treatment"
)
PROJECTS = _pairs(
    "自动化立体仓库=automated warehouse; 屋顶光伏电站=rooftop solar plant; 污水处理站=wastewater plant; 员工食堂改造=canteen renovation; "
    "新产品检测实验室=product testing laboratory; 第二条装配线=second assembly line; 冷链配送中心=cold-chain depot; 数据中心扩容=data centre extension; "
    "职工宿舍楼=staff dormitory; 模具车间搬迁=relocation of the tool shop; 海外销售办事处=overseas sales office; 锅炉节能改造=boiler retrofit; "
    "企业资源计划系统=ERP system; 消防系统升级=fire protection upgrade; 电动叉车更新=replacement of forklifts by electric ones; "
    "客户服务呼叫中心=customer call centre; 码头吊机大修=overhaul of the quay crane; 档案数字化=digitisation of the archives; "
    "培训学院=training academy; 原料筒仓=raw material silo; 废热回收装置=waste heat recovery unit; 质量追溯平台=quality tracing platform; "
    "无尘车间=clean room; 充电桩网络=charging station network"
)
REGIONS = _pairs(
    "华东=East China; 华南=South China; 华北=North China; 华中=Central China; 西南=Southwest; 西北=Northwest; 东北=Northeast; "
    "东南亚=Southeast Asia; 欧洲=Europe; 北美=North America; 中东=Middle East; 南美=South America"
)
METRICS = _pairs(
    "营业收入=Revenue; 新签订单额=New orders; 毛利=Gross profit; 研发投入=R&D spending; 销售费用=Selling expenses; 出口额=Exports; "
    "能源成本=Energy cost; 回款额=Cash collected"
)
PRODUCT_LINES = _pairs(
    "数控机床=CNC machines; 伺服电机=Servo motors; 工业传感器=Industrial sensors; 阀门=Valves; 液压泵=Hydraulic pumps; 输送带=Conveyor belts; "
    "变频器=Frequency inverters; 包装机=Packing machines; 轴承=Bearings; 滤芯=Filter cartridges; 焊接机器人=Welding robots; 空压机=Air compressors"
)
POSTS = _pairs(
    "董事长=chair; 总经理=managing director; 财务总监=finance director; 技术总监=technical director; 独立董事=independent director; "
    "董事会秘书=company secretary; 生产总监=production director; 销售总监=sales director"
)
PAYMENTS = _pairs("微信支付=WeChat Pay; 支付宝=Alipay; 现金=Cash; 银行卡=Bank card")

GOODS = tuple(
    Goods(zh, en, unit_zh, unit_en, float(price), tax_class)
    for zh, en, unit_zh, unit_en, price, tax_class in (
        line.strip().split("|")
        for line in """
        不锈钢法兰|Stainless steel flange|件|pc|86|金属制品
        液压油缸|Hydraulic cylinder|台|pc|1450|通用设备
        深沟球轴承|Deep groove ball bearing|套|set|38|轴承
        伺服电机|Servo motor|台|pc|2380|电机
        铜芯电缆|Copper cable|米|m|24|电线电缆
        激光打印机|Laser printer|台|pc|1699|计算机外部设备
        A4复印纸|A4 copy paper|箱|box|128|纸制品
        办公桌|Office desk|张|pc|890|家具
        人体工学椅|Ergonomic chair|把|pc|1120|家具
        瓦楞纸箱|Corrugated carton|个|pc|6|纸制品
        工业润滑油|Industrial lubricant|桶|drum|960|石油制品
        防护手套|Protective gloves|双|pair|9|劳保用品
        LED灯管|LED tube|支|pc|32|照明装置
        温度变送器|Temperature transmitter|只|pc|540|仪器仪表
        压力表|Pressure gauge|只|pc|175|仪器仪表
        电动螺丝刀|Electric screwdriver|把|pc|430|电动工具
        聚丙烯颗粒|Polypropylene pellets|吨|t|7900|塑料制品
        环氧树脂|Epoxy resin|公斤|kg|27|化学原料
        技术服务费|Technical service|次|job|4800|信息技术服务
        软件维护费|Software maintenance|月|month|3200|信息技术服务
        货物运输费|Freight|车次|trip|1850|运输服务
        设备租赁费|Equipment rental|天|day|620|经营租赁
        棉质工作服|Cotton work clothes|套|set|138|服装
        不锈钢保温杯|Steel thermos mug|个|pc|58|日用品
        塑料托盘|Plastic pallet|个|pc|115|塑料制品
        钢丝绳|Wire rope|米|m|19|金属制品
        离心泵|Centrifugal pump|台|pc|3680|泵
        空气滤芯|Air filter|个|pc|76|过滤设备
        交换机|Network switch|台|pc|2150|网络设备
        安全帽|Safety helmet|顶|pc|31|劳保用品
        """.strip().splitlines()
    )
)

WARES = tuple(goods for goods in GOODS if "服务" not in goods.tax_class and "租赁" not in goods.tax_class)
"""Goods that can be packed and shipped."""
