import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '系统', text: '这台机器上运行的荷塘：是否健康、占用多少、如何设置。', health: '运行状态', healthy: '正常', version: '版本 {version}', uptime: '已运行', daysHours: '{days} 天 {hours} 小时', hoursMinutes: '{hours} 小时 {minutes} 分', minutes: '{n} 分钟',
    database: '数据库', journal: '日志 {size}', disk: '磁盘剩余', ofDisk: '共 {size}，剩 {share}', memory: '内存', memoryText: '本进程占用',
    settings: '设置', settingsText: '在数据目录的 hetang.ini 里修改，重启后生效；加粗的与默认不同。', setting: '说明', name: '名称', value: '当前值', initial: '默认值',
    watch: '监控与检查', watchText: '指标为 Prometheus 格式，也可用有“系统设置”权限的访问令牌读取 /metrics；doctor 检查磁盘、权限、时钟和数据库，并给出处理办法。DATA 换成数据目录。',
  },
  en: {
    title: 'System', text: 'The Hetang of this machine: how it is, what it uses, how it is set.', health: 'Health', healthy: 'Well', version: 'Version {version}', uptime: 'Running for', daysHours: '{days} d {hours} h', hoursMinutes: '{hours} h {minutes} min', minutes: '{n} min',
    database: 'Database', journal: 'journal {size}', disk: 'Disk left', ofDisk: '{share} of {size}', memory: 'Memory', memoryText: 'of this process',
    settings: 'Settings', settingsText: 'Changed in hetang.ini in the data folder, with a restart; bold ones differ from the default.', setting: 'What it does', name: 'Name', value: 'Value', initial: 'Default',
    watch: 'Watching and checking', watchText: 'Figures are in the format of Prometheus; /metrics also takes an access token that may change system settings. doctor checks disk, permissions, clock and database, and says what to do. Put the data folder for DATA.',
  },
})
