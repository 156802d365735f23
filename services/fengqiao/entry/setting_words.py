"""What each setting means, in Chinese; the English meaning is the description of the field in `settings`.

A test holds that both have the same settings, so a new one gets its Chinese sentence with it.
"""

from collections.abc import Mapping

from fengqiao.domain.words import Language
from fengqiao.entry.settings import Settings

SECRET = frozenset({"secret", "database", "kafka_password"})
"""What may hold a password: never shown."""

CHINESE: Mapping[str, str] = {
    "topology": "中心名单（code,level,name,parent）；写了就必须存在。",
    "topology_files": "中心名单的候选文件（code,level,name,parent），取第一个存在的；都没有则用自带的示例城市。",
    "units_file": "各级承办单位（TOML）；空：用自带名单。",
    "handbook_file": "事项目录与办理规程的天数（TOML）；空：用自带的。",
    "limits_file": "时限表（TOML）；空：用自带的。",
    "supervision_file": "五级督办与扣分规则（TOML）；空：用自带的。",
    "calendar_files": "放假和调休安排（TOML），一年一个文件，叠加在自带日历之上。",
    "database": "PostgreSQL 连接串（libpq 写法）；{centre} 换成中心代码。",
    "database_connections": "一个节点最多打开的数据库连接数。",
    "kafka": "Kafka 引导服务器，host:port。",
    "kafka_username": "Kafka 用户（SCRAM-SHA-512）；空：不登录。",
    "kafka_password": "该用户的密码。",
    "kafka_ca_file": "信任的 Kafka 证书（PEM）；填了就加密连接。",
    "parent": "上级的 gRPC 地址 host:port；{centre} 换成上级代码。上级有几个进程的，逐个写出，逗号分隔。",
    "federation": (
        "导入、回放、演练用的各中心 gRPC 地址 host:port；{centre} 换成中心代码；也可逐个写“代码=host:port”，逗号分隔；"
        "空：本机系统。"
    ),
    "bind": "本进程各监听端口绑定的地址。",
    "grpc_port": "单独承载一个中心时的 gRPC 端口；0：任意空闲端口。",
    "desk_port": "工作台端口；0：任意空闲端口。",
    "citizen_port": "群众页面端口；0：不开放。",
    "ops_port": "探针与指标端口；0：任意空闲端口。",
    "replica": (
        "本进程在 Kafka 消费组、租约和直连中的名字，重启后不变。一个中心有几个进程的，各取一名，secret 相同；"
        "它们分担工作。"
    ),
    "poll_seconds": "转发器空闲时，每隔多少秒看一次本中心其他进程写了什么。",
    "facts_months": "县、市保留已办结诉求件统计明细的月数；更早的只留汇总数。",
    "data": "本机系统的数据目录；空：用户数据目录。",
    "cache": "Kafka 程序库的目录；空：用户缓存目录。",
    "demo": "建立演示账号，密码显示在登录页。正式环境不要开。",
    "secret": "表单令牌的签名密钥，至少 32 个字符；空：每次启动随机生成。",
    "secure_cookies": "Cookie 只走 TLS；本机试用时关闭。",
    "log_json": "日志写成 JSON 行；关闭则写给终端前的人看。",
    "log_level": "写出的最低日志级别。",
}


def meaning_of(name: str, language: Language) -> str:
    """Say what a setting means."""
    return CHINESE[name] if language is Language.ZH else Settings.model_fields[name].description or ""
