"""Chinese cities and regions by both their names.

A page in the other language is found by them, and a page about one city is not taken for one about another.
"""

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
