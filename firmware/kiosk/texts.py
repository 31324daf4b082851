"""Every word the kiosk shows: a key, a blank, the text; "|" parts its lines.

A line of a screen holds at most 10 Chinese or 20 Latin characters; smaller displays break it. Each language
is one long string, which stays in ROM and costs no heap. The build puts exactly the characters used here
into the fonts.
"""

ZH = """
tap 请刷卡
lift 请先移开卡片
standby 请等收银台报价
online 联机
offline 脱机
reading 读卡中
hold 请勿移开卡片
paid 支付成功
already 此卡已付
balance 余额
not_charged 未扣款
rejected 未受理
unknown 结果未知
again 请重放此卡|不会重复扣款
out 暂停服务
low 余额不足，请充值
foreign 非本店卡
hot 此卡已停用|请到前台
early 卡片离开太早|请重放
unreadable 读卡失败|请重放
forged 此卡无法验证|请到前台
undecided 此卡上笔未结清|请到前台
unpaid 上笔未扣款|请重放
collecting 充值中
collected 已充值
needs_host 此卡需联机|请稍后再试
silent 主机未答复|请稍后再试
daily 今日限额已满
pin_needed 需输入密码|请到前台
pin_wrong 密码错误|请重试
blocked 密码已锁定|请到前台
pin 输入密码按确认
busy 此卡正在使用|请稍后再试
desk 请到前台
two 请只放一张卡
limit 脱机额度已满|请稍后再试
stale 名单缺失|联机后再试
old 名单已过期|联机后再试
unlisted 此卡暂需联机消费|联机后再试
card_limit 此卡脱机额度已满|联机后再试
full 记录已满|等待联机
worn 存储器已坏|请联系维护
setup 等待主机配置
other 记录属于别的机器|请联系维护
reader 读卡器故障
display 显示屏故障
update 正在更新|请稍候
crash 正在重启
pair 配对码
birthday 生日快乐！
points 积分
enter 凭卡入场
type 请输入金额
confirm 按确认键
most 最多
amount_first 请先输入金额
choose 请选择
look 余额查询
fetch 领取充值
held 卡内余额
nothing 没有待领充值
no_keys 没有键盘|请联系维护
closed 休息中
open 营业时间
movements 最近交易
no_movements 没有记录
tiers 普通会员|银卡|金卡|白金卡|铂金卡|钻石卡|至尊卡
entered 欢迎光临
no_entry 不可入场
left 剩余次数
until 有效期至
running 已入场，计时中
go 请通行
gone 已离场，再见
spent 本次
rest 剩余
owed 欠
span 小时|分|分钟
no_pass 没有可用次卡|请到前台
expired 次卡已过期|请到前台
used 次数或时间已用完|请到前台充值
off_hours 不在使用时段
inside 此卡已入场|请到前台
"""

EN = """
tap Tap your card
lift Lift card first
standby Wait for the till
online online
offline offline
reading Reading card
hold Hold it still
paid Approved
already Already paid
balance Balance
not_charged Not charged
rejected Not accepted
unknown Outcome unknown
again Tap this card again|Never paid twice
out Out of service
low Balance too low|Please top up
foreign Not one of our cards
hot Card is blocked|Ask at the desk
early Card left too early|Tap again
unreadable Could not read card|Tap again
forged Card not verified|Ask at the desk
undecided Last sale unsettled|Ask at the desk
unpaid Last try: no charge|Tap again
collecting Topping up
collected Loaded
needs_host Needs the network|Try again later
silent No answer from host|Try again later
daily Daily limit met
pin_needed Needs a PIN|Ask at the desk
pin_wrong Wrong PIN|Tap again
blocked PIN is blocked|Ask at the desk
pin PIN, then enter
busy Card is in use|Try again later
desk Ask at the desk
two One card only
limit Offline limit is met|Try again later
stale No list of cards|Wait for network
old Card list is old|Wait for network
unlisted Card needs network|Try again later
card_limit Card's offline limit|Wait for network
full Record store is full|Wait for network
worn Record store is worn|Call maintenance
setup Waiting for the host
other Another kiosk's data|Call maintenance
reader Reader fault
display Display fault
update Updating|One moment please
crash Restarting
pair Code
birthday Happy birthday!
points Points
enter Tap to enter
type Type the amount
confirm Press enter
most At most
amount_first Amount first
choose Choose
look Balance check
fetch Collect top-up
held On your card
nothing Nothing to load
no_keys No keypad|Call maintenance
closed Closed
open Open
movements Last movements
no_movements No movements
tiers Member|Silver|Gold|White gold|Platinum|Diamond|Supreme
entered Welcome
no_entry No entry
left Visits left
until Until
running In, time runs
go Please pass
gone Out, goodbye
spent Used
rest Left
owed Owed
span h |min|min
no_pass No pass on it|Ask at the desk
expired Pass has ended|Ask at the desk
used Nothing left|Ask at the desk
off_hours Not at this time
inside In already|Ask at the desk
"""


def say(language: str, key: str) -> str:
    """The text of a key, lines parted by "|"; KeyError. A language without texts speaks Chinese."""
    words = EN if language == "en" else ZH
    at = words.find("\n" + key + " ")
    if at < 0:
        raise KeyError(key)
    return words[at + len(key) + 2 : words.find("\n", at + 1)]
