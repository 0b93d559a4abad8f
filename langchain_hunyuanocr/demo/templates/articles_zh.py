"""Articles of a Chinese company newsletter."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

from langchain_hunyuanocr.demo.random_data import RandomData, date_forms, date_zh
from langchain_hunyuanocr.demo.text_flow import Article, QuestionSpec


def _opening(stock: RandomData, brand: str) -> Article:  # noqa: ARG001 - all articles are called alike
    (project, city), rng = stock.undertaking(), stock.rng
    cost, months, chief = rng.randint(300, 9000), rng.randint(7, 26), stock.person("zh")
    return (
        f"{city.zh}{project.zh}项目正式投用",
        [
            f"历时{months}个月、总投资{cost}万元的{city.zh}{project.zh}项目日前正式投入使用。项目负责人{chief}在仪式上表示，施工期间没有发生一起安全事故，"
            f"工程质量一次验收合格。",
            f"{rng.choice(('首批客户代表应邀参加了投用仪式。', '当地媒体对此作了专题报道。', '项目组十二名成员受到公司通报表彰。'))}据测算，项目每年可为公司节约成本约{rng.randint(60, 800)}万元，"
            f"{rng.choice(('并为下一步扩大产能预留了空间。', '交货周期也将缩短三分之一左右。', '同时明显改善一线员工的工作环境。'))}",
        ],
        (
            QuestionSpec("text", f"{city.zh}的{project.zh}建设用了几个月？", f"How many months did the {project.en} in {city.en} take to build?", f"{months}个月", (str(months), f"{months} months")),
            QuestionSpec("text", f"简报里说{city.zh}{project.zh}项目的负责人是谁？", f"According to the newsletter, who headed the {project.en} project in {city.en}?", chief),
        ),
    )  # fmt: skip


def _person(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    worker, years, village = (
        stock.person("zh"),
        rng.randint(18, 39),
        rng.choice(("皖北", "川西", "赣南", "鲁中", "关中", "湘西")),
    )
    hobby = rng.choice(("修理老式钟表", "写毛笔字", "养鸽子", "拉二胡", "拍摄候鸟", "收集火柴盒", "跑马拉松", "做木工"))
    return (
        f"人物：在车间里度过的{years}年",
        [
            f"今年春天，{brand}公司的老师傅{worker}光荣退休。他来自{village}农村，从学徒做起，在车间里一干就是{years}年，先后带出了{rng.randint(9, 60)}名徒弟。",
            f"工友们说，他最大的爱好是{hobby}。{rng.choice(('谈到今后的打算，他说想先陪老伴出去走走。', '退休那天，他把用了多年的工具箱留给了徒弟。', '他常说，机器和人一样，要听得懂它的声音。'))}",
        ],
        (
            QuestionSpec("text", f"退休老师傅{worker}在车间干了多少年？", f"How many years did the retired worker {worker} spend in the workshop?", f"{years}年", (str(years), f"{years} years")),
            QuestionSpec("text", f"{brand}公司哪位老师傅退休了？", f"Which veteran worker of {brand} retired?", worker),
        ),
    )  # fmt: skip


def _contest(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    winner, points = stock.person("zh"), f"{rng.randint(88, 99)}.{rng.randint(0, 9)}"
    trade = rng.choice(("焊工", "叉车司机", "质检员", "电工", "数控车工", "仓库保管员"))
    return (
        f"{trade}技能竞赛落幕",
        [
            f"为期三天的{brand}公司{trade}技能竞赛昨日落幕，共有{rng.randint(24, 160)}名选手参加。经过理论考试和实际操作两轮比拼，{winner}以{points}分的成绩获得第一名，并将代表公司参加全市比赛。",
            rng.choice(("评委认为，今年选手的整体水平比往年有明显提高，但在安全规程方面仍有不足。", "获奖选手除奖金外，还可以破格晋升一级技能等级。", "工会负责人说，竞赛今后每年举办一次，并邀请供应商的职工参加。")),
        ],
        (
            QuestionSpec("text", f"{brand}公司{trade}技能竞赛谁得了第一？", f"Who won the skills contest at {brand}?", winner),
            QuestionSpec("text", f"{winner}在技能竞赛中得了多少分？", f"How many points did {winner} score in the skills contest?", f"{points}分", (points,)),
        ),
    )  # fmt: skip


def _health(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    day, hospital = stock.day(), f"{rng.choice('一二三四五六')}"
    return (
        "员工体检通知",
        [
            f"{brand}公司本年度员工体检定于{date_zh(day)}开始，地点在市第{hospital}人民医院体检中心二楼，请各部门于前一周报送名单，体检当天早晨空腹。",
            rng.choice(("体检结果由医院直接寄给本人，公司不留存个人报告。", "因出差不能参加的员工，可以在一个月内补检，费用由公司承担。", "四十五岁以上员工增加心脏彩超和骨密度两个项目。")),
        ],
        (QuestionSpec("text", f"{brand}公司的员工体检从哪天开始？", f"From which day are the staff of {brand} given their medical check?", date_zh(day), date_forms(day)),),
    )  # fmt: skip


def _canteen(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    price, dish = rng.randint(8, 26), rng.choice(("酸菜鱼", "番茄牛腩", "黄焖鸡", "梅菜扣肉", "麻婆豆腐", "糖醋里脊"))
    return (
        "食堂换了新菜单",
        [
            f"下月起，{brand}公司食堂的套餐价格统一为{price}元，夜班免费。上个月的问卷显示，最受欢迎的一道菜是{dish}，得票远远超过第二名。",
            rng.choice(("食堂师傅表示，将增加少油少盐的窗口，满足不同口味的需要。", "为了减少浪费，米饭改为按需自取，剩饭较多的餐桌将予以提醒。", "意见箱设在一楼入口处，每周五由后勤负责人开箱并公布答复。")),
        ],
        (
            QuestionSpec("text", f"{brand}公司食堂的套餐多少钱一份？", f"What does a set meal in the canteen of {brand} cost?", f"{price}元", (str(price), f"{price} yuan")),
            QuestionSpec("text", f"{brand}公司职工最喜欢食堂的哪道菜？", f"Which dish came first in the canteen survey at {brand}?", dish),
        ),
    )  # fmt: skip


ARTICLES = (_opening, _person, _contest, _health, _canteen)
ASIDES = (
    "编辑部提醒各位通讯员，来稿请注明部门和联系方式，照片请附原件，字数以六百字以内为宜。凡被采用的稿件，每季度评选一次优秀作品。",
    "后勤部门说，今年夏天用电高峰期间将错峰开启中央空调，请大家下班前关好门窗和照明，养成随手节约的习惯。",
    "有读者来信询问班车线路能否增加一站，行政部答复说，新的线路图正在征求意见，预计下个月贴在公告栏上。",
    "不少同事反映，近来参加这类活动的年轻人越来越多，大家在一起交流经验，也多了一份对集体的认同感。",
    "据了解，相关经验已经整理成册，发到各个车间和班组学习。各部门负责人表示，要把好的做法坚持下去。",
    "图书角上周新到了两百多册图书，涉及机械、管理、文学和育儿，凭工作证即可借阅，每次不超过三本。",
    "篮球队的训练时间改到每周四晚上，地点仍在北门旁边的球场，欢迎新同事报名，有无基础都可以参加。",
    "雨季将至，仓库和配电房已经完成了一轮防汛检查，发现的问题大多当场整改，其余的列入了本月计划。",
)
