import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '系统', text: '这台机器上运行的荷塘：是否健康、占用多少、如何设置。', health: '运行状态', healthy: '正常', version: '版本 {version}', uptime: '已运行', daysHours: '{days} 天 {hours} 小时', hoursMinutes: '{hours} 小时 {minutes} 分', minutes: '{n} 分钟',
    database: '数据库', journal: '日志 {size}', disk: '磁盘剩余', ofDisk: '共 {size}，剩 {share}', memory: '内存', memoryText: '本进程占用',
    settings: '设置', settingsText: '修改写入数据目录的 hetang.ini；加粗的与默认不同。“服务器上”的设置在服务器上用 hetang config set 修改，重启后生效；由环境变量或启动命令设定的，优先于 hetang.ini。', setting: '说明', name: '名称', value: '当前值', initial: '默认值', from: '来源', effect: '修改后', actions: '操作',
    sources: { default: '默认', file: 'hetang.ini', environment: '环境变量', command_line: '启动命令' }, effects: { at_once: '立即生效', at_start: '重启后生效', by_file: '服务器上' },
    change: '修改 {name}', next: '重启后 {value}', waits: '有设置要到重启荷塘后才生效。', fileProblem: 'hetang.ini 有误，下次启动会失败；请先在服务器上改正，才能在这里修改。', range: '{min} 到 {max}', initialIs: '默认 {value}',
    valueMissing: '请填写', atOnceText: '保存后立即生效，不用重启。', atStartText: '保存后写入 hetang.ini，重启荷塘后生效。', reset: '恢复默认（{value}）', holds: '已保存，现在生效', holdsLater: '已保存，重启后生效',
    watch: '监控与检查', watchText: '指标为 Prometheus 格式，也可用有“系统设置”权限的访问令牌读取 /metrics；doctor 检查磁盘、权限、时钟和数据库，并给出处理办法。DATA 换成数据目录。',
  },
  en: {
    title: 'System', text: 'The Hetang of this machine: how it is, what it uses, how it is set.', health: 'Health', healthy: 'Well', version: 'Version {version}', uptime: 'Running for', daysHours: '{days} d {hours} h', hoursMinutes: '{hours} h {minutes} min', minutes: '{n} min',
    database: 'Database', journal: 'journal {size}', disk: 'Disk left', ofDisk: '{share} of {size}', memory: 'Memory', memoryText: 'of this process',
    settings: 'Settings', settingsText: 'Changes are written into hetang.ini in the data folder; bold ones differ from the default. Those of the machine are changed there with hetang config set, and hold after a restart; what the environment or the command line sets beats hetang.ini.', setting: 'What it does', name: 'Name', value: 'Value', initial: 'Default', from: 'Comes from', effect: 'A change holds', actions: 'Actions',
    sources: { default: 'default', file: 'hetang.ini', environment: 'environment', command_line: 'command line' }, effects: { at_once: 'at once', at_start: 'after a restart', by_file: 'on the machine' },
    change: 'Change {name}', next: 'after a restart {value}', waits: 'Some settings hold only after Hetang is restarted.', fileProblem: 'hetang.ini has a mistake, and the next start would fail. Mend it on the machine; then settings can be changed here again.', range: '{min} to {max}', initialIs: 'default {value}',
    valueMissing: 'This is required', atOnceText: 'Holds as soon as it is saved; no restart.', atStartText: 'Is written into hetang.ini and holds after Hetang is restarted.', reset: 'Back to the default ({value})', holds: 'Saved; it holds now', holdsLater: 'Saved; it holds after a restart',
    watch: 'Watching and checking', watchText: 'Figures are in the format of Prometheus; /metrics also takes an access token that may change system settings. doctor checks disk, permissions, clock and database, and says what to do. Put the data folder for DATA.',
  },
})
