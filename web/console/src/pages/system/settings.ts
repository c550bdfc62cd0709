/* What the settings of hetang.ini are called; the server itself says in English what each does.
 * test/console/settings.test.mjs holds them against src/core/config.def. */
import { language } from '@/i18n'
import type { SystemSetting } from '@api/client.mjs'

const zh: Record<string, string> = {
  listen: '监听地址和端口，多个用逗号分隔', db: '数据库；留空为数据目录里的 SQLite 文件', zone: '业务时区，决定一天从何时算起', currency: '金额的币种', tls_cert: 'TLS 证书链文件',
  tls_key: 'TLS 私钥文件', trusted_proxy: '可信的反向代理地址', log_level: '日志级别', slow_ms: '慢查询记录门槛（毫秒）', loops: '网络线程数，0 为自动', workers: '处理线程数，0 为自动', queue_max: '排队请求上限', conns_max: '连接数上限',
  body_max_kb: '请求正文上限（KB）', job_threads: '同时进行的后台任务数', session_hours: '登录多少小时不用后失效', session_days: '登录多少天后失效，无论是否使用', export_days: '导出文件和导入原件保留天数', job_days: '完成的任务保留天数', disk_reserve_mb: '磁盘剩余不足此数时停止写入（MB）',
  events: '事件存放处：clickhouse://[用户名:密码@]主机:端口[,主机:端口…]/数据库[?cluster=名称]；留空则在本进程的索引里',
  webhook_days: 'Webhook 投递记录保留天数', webhook_private: '允许 Webhook 发往内网地址', live_heartbeat_s: '实时连接的心跳间隔（秒）', upload_max_mb: '可上传导入的最大文件（MB）',
}
export const settingText = (s: SystemSetting): string => (language.value === 'zh' && zh[s.name]) || s.help
