/* Names of what the API says by a short key, in both languages. What has no row here is shown as it came. */
import { say, type Words } from '@/i18n'

type Labels = Record<string, Words>
const w = (zh: string, en: string): Words => ({ zh, en })

export const genders: Labels = { female: w('女', 'Female'), male: w('男', 'Male') }

export const channels: Labels = {
  store: w('门店', 'Store'), 'parcel-card': w('包裹卡', 'Parcel card'), 'official-account': w('公众号', 'Official account'), sms: w('短信', 'SMS'),
  'ai-call': w('AI 外呼', 'AI call'), fission: w('裂变', 'Referral'), partner: w('异业合作', 'Partner'), 'mini-program': w('小程序', 'Mini-program'), live: w('直播', 'Live'),
}

export const tiers: Labels = { diamond: w('钻石', 'Diamond'), gold: w('黄金', 'Gold'), silver: w('白银', 'Silver'), bronze: w('青铜', 'Bronze') }

/** By which way somebody may be reached. */
export const consentChannels: Labels = {
  wecom: w('企业微信', 'WeCom'), sms: w('短信', 'SMS'), call: w('电话', 'Calls'), mail: w('邮件', 'E-mail'), official_account: w('公众号', 'Official account'),
  mini_program: w('小程序订阅', 'Mini-program'), app: w('App 推送', 'App'),
}

export const label = (labels: Labels, key: string | null | undefined): string => (key == null ? '' : labels[key] ? say(labels[key]) : key)
export const options = (labels: Labels): Array<{ value: string; label: string }> => Object.keys(labels).map((value) => ({ value, label: label(labels, value) }))

/** By whether the scores of recency, frequency and money are above the mean. */
export const rfmClasses: Labels = {
  '111': w('重要价值', 'Important, of value'), '101': w('重要发展', 'Important, to develop'), '011': w('重要保持', 'Important, to keep'), '001': w('重要挽留', 'Important, to win back'),
  '110': w('一般价值', 'General, of value'), '100': w('一般发展', 'General, to develop'), '010': w('一般保持', 'General, to keep'), '000': w('一般挽留', 'General, to win back'),
}
/** By what a fact was written, when it was not a person: rules, jobs and commands by the names they have in the log. */
export const actors: Labels = {
  rule: w('自动规则', 'A rule'), rule_timer: w('自动规则', 'A rule'), rule_apply: w('自动规则', 'A rule'), rfm: w('RFM 计算', 'RFM run'), rfm_nightly: w('RFM 计算', 'RFM run'), value: w('客户价值计算', 'Value run'), value_daily: w('客户价值计算', 'Value run'), value_backtest: w('客户价值回测', 'Value back-test'),
  task: w('待办', 'Tasks'), task_due: w('待办到期提醒', 'Due tasks'), care: w('关怀规则', 'Care rules'), care_birthday: w('关怀规则', 'Care rules'), care_timer: w('关怀规则', 'Care rules'), care_apply: w('关怀规则', 'Care rules'),
  bulk_tag: w('批量打标签', 'Bulk tagging'), bulk_undo: w('撤销批量打标签', 'Bulk tagging undone'), tag_remove: w('删除标签', 'Tag removal'), import: w('导入', 'Import'), sales: w('订单', 'Orders'),
  init: w('初始化', 'Set-up'), 'command line': w('命令行', 'Command line'), demo: w('演示数据', 'Demo data'), system: w('系统', 'Hetang'), job: w('后台任务', 'A job'),
}
export const tagSources: Labels = { manual: w('手动', 'By hand'), rule: w('规则', 'By rule'), import: w('导入', 'Import'), api: w('接口', 'API') }
