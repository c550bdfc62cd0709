/* What was done, in words. An action is a noun and a verb ("tag.create"): both tables together name nearly all; the rest by itself.
 * test/console/audit.test.mjs holds them against the contract. */
import { language, say, type Words } from '@/i18n'

const nouns: Record<string, Words> = {
  account: { zh: '账号', en: 'account' }, attribute: { zh: '自定义属性', en: 'attribute' }, audit: { zh: '审计日志', en: 'audit log' }, care_preset: { zh: '关怀模板', en: 'care preset' },
  care_rule: { zh: '关怀规则', en: 'care rule' }, consent: { zh: '同意状态', en: 'consent' }, customer: { zh: '客户', en: 'customer' }, department: { zh: '部门', en: 'department' },
  export: { zh: '导出', en: 'export' }, identity_block: { zh: '标识黑名单', en: 'blocked identifier' }, identity_conflict: { zh: '身份冲突', en: 'identity conflict' }, import: { zh: '导入', en: 'import' },
  import_preset: { zh: '导入模板', en: 'import preset' }, job: { zh: '后台任务', en: 'job' }, merge: { zh: '客户合并', en: 'joining' }, note: { zh: '备注', en: 'note' }, order: { zh: '订单', en: 'order' },
  report: { zh: '报表', en: 'report' }, report_pin: { zh: '看板上的报表', en: 'report on a dashboard' }, rfm: { zh: 'RFM', en: 'RFM' }, role: { zh: '角色', en: 'role' }, segment: { zh: '分群', en: 'segment' }, session: { zh: '登录', en: 'session' }, setting: { zh: '系统设置', en: 'setting' }, source: { zh: '数据源', en: 'source' }, staff: { zh: '员工', en: 'staff' },
  staff_session: { zh: '员工的登录', en: 'session of staff' }, staff_token: { zh: '员工的令牌', en: 'token of staff' }, stage: { zh: '生命周期阶段', en: 'stage' }, tag: { zh: '标签', en: 'tag' },
  tag_group: { zh: '标签分组', en: 'tag group' }, tag_preset: { zh: '标签模板', en: 'tag preset' }, tag_rule: { zh: '标签规则', en: 'tag rule' }, task: { zh: '待办', en: 'task' },
  token: { zh: '访问令牌', en: 'access token' }, view: { zh: '视图', en: 'view' }, webhook: { zh: 'Webhook', en: 'webhook' },
}
const verbs: Record<string, Words> = {
  add: { zh: '添加', en: 'Added' }, cancel: { zh: '放弃', en: 'Cancelled' }, change: { zh: '修改', en: 'Changed' }, close: { zh: '关闭', en: 'Closed' }, comment: { zh: '评论', en: 'Commented on' },
  complete: { zh: '完成', en: 'Completed' }, create: { zh: '新建', en: 'Created' }, delete: { zh: '删除', en: 'Deleted' }, dismiss: { zh: '忽略', en: 'Dismissed' }, end: { zh: '结束', en: 'Ended' },
  export: { zh: '导出', en: 'Exported' }, find: { zh: '查找', en: 'Looked for' }, install: { zh: '安装', en: 'Installed' }, merge: { zh: '合并', en: 'Joined' }, move: { zh: '移动', en: 'Moved' },
  pause: { zh: '暂停', en: 'Paused' }, put: { zh: '保存', en: 'Saved' }, remove: { zh: '删除', en: 'Removed' }, reopen: { zh: '重新开放', en: 'Reopened' }, resolve: { zh: '处理', en: 'Resolved' },
  resume: { zh: '继续', en: 'Resumed' }, retry: { zh: '重试', en: 'Retried' }, revoke: { zh: '吊销', en: 'Revoked' }, run: { zh: '开始', en: 'Started' }, search: { zh: '搜索', en: 'Searched' },
  try: { zh: '试算', en: 'Tried' }, undo: { zh: '撤销', en: 'Undid' }, verify: { zh: '校验', en: 'Verified' }, count: { zh: '计数', en: 'Counted' },
}
const whole: Record<string, Words> = {
  'account.sign_in': { zh: '登录', en: 'Signed in' }, 'account.sign_out': { zh: '退出登录', en: 'Signed out' }, 'account.change_password': { zh: '修改自己的密码', en: 'Changed own password' },
  'account.totp_enrol': { zh: '申请动态验证码', en: 'Asked for one-time codes' }, 'account.totp_confirm': { zh: '开启动态验证码', en: 'Turned one-time codes on' }, 'account.totp_disable': { zh: '关闭动态验证码', en: 'Turned one-time codes off' },
  'audit.blank': { zh: '清除涉及已删除个人的内容', en: 'Blanked what concerned an erased person' },
  'customer.add_identity': { zh: '添加客户标识', en: 'Added an identifier of a customer' }, 'customer.remove_identity': { zh: '移除客户标识', en: 'Removed an identifier of a customer' }, 'customer.assign_tags': { zh: '给客户打标签', en: 'Tagged a customer' },
  'customer.bulk_tag': { zh: '批量打标签', en: 'Tagged many customers' }, 'customer.bulk_tag_undo': { zh: '撤销批量打标签', en: 'Undid tagging many customers' }, 'customer.erase': { zh: '删除客户个人信息', en: 'Erased a person' },
  'customer.reveal': { zh: '查看客户隐私信息', en: 'Saw private data of a customer' }, 'import.content': { zh: '上传导入文件', en: 'Uploaded a file to import' }, 'import.report': { zh: '下载导入报告', en: 'Fetched the report of an import' },
  'report_pin.create': { zh: '把报表放到看板', en: 'Put a report on a dashboard' }, 'report_pin.change': { zh: '调整看板上的报表', en: 'Arranged a report on a dashboard' }, 'report_pin.remove': { zh: '从看板移除报表', en: 'Took a report from a dashboard' },
  'value.start': { zh: '重新计算客户价值', en: 'Had the value of people computed' }, 'value_backtest.start': { zh: '回测客户价值', en: 'Had the value model tried on the past' },
  'rfm.set': { zh: '修改 RFM 设置', en: 'Changed the settings of RFM' }, 'rfm.start': { zh: '重新计算 RFM', en: 'Had RFM computed' }, 'session.end': { zh: '退出一台设备', en: 'Signed out a device' },
  'segment.copy': { zh: '把分群复制为名单', en: 'Copied a segment as a list' }, 'segment.people': { zh: '增减名单里的客户', en: 'Added people to a list or removed them' }, 'insight.ask': { zh: '查询分析', en: 'Asked for an analysis' },
  'session.end_others': { zh: '退出其他所有设备', en: 'Signed out all other devices' }, 'source.rekey': { zh: '更换数据源密钥', en: 'Replaced the key of a source' }, 'staff.back': { zh: '恢复员工账号', en: 'Let staff back in' },
  'staff.leave': { zh: '员工离职', en: 'Staff left' }, 'staff.reset_password': { zh: '重置员工密码', en: 'Reset the password of staff' }, 'staff.suspend': { zh: '停用员工账号', en: 'Suspended staff' },
  'staff.totp_off': { zh: '关闭员工的动态验证码', en: 'Turned off one-time codes of staff' }, 'staff_session.end': { zh: '让员工退出一台设备', en: 'Signed out a device of staff' }, 'staff_session.end_all': { zh: '让员工退出所有设备', en: 'Signed staff out everywhere' },
  'system.setting_put': { zh: '修改系统设置', en: 'Changed a setting' }, 'system.setting_reset': { zh: '恢复系统设置的默认值', en: 'Took a setting back to its default' },
  'task.hand_over': { zh: '转交待办', en: 'Handed over a task' }, 'task.hand_over_all': { zh: '转交全部待办', en: 'Handed over all tasks' }, 'webhook.replay': { zh: '重新投递', en: 'Sent a delivery again' },
  'webhook.replay_dead': { zh: '重新投递未送达的', en: 'Sent undelivered ones again' }, 'webhook.rotate_secret': { zh: '更换 Webhook 签名密钥', en: 'Replaced the secret of a webhook' }, 'webhook.test': { zh: '测试 Webhook', en: 'Tested a webhook' },
}

/** Empty when it is not known. */
export function actionName(action: string): string {
  if (whole[action]) return say(whole[action])
  const [noun, verb] = action.split('.')
  const [n, v] = [nouns[noun ?? ''], verbs[verb ?? '']]
  if (!n || !v) return ''
  return language.value === 'zh' ? `${v.zh}${/^[A-Za-z]/.test(n.zh) ? ' ' : ''}${n.zh}` : `${v.en} ${n.en}`
}
export const entities = Object.keys(nouns)
export function entityName(entity: string): string {
  if (!nouns[entity]) return entity
  const name = say(nouns[entity])
  return name.charAt(0).toUpperCase() + name.slice(1)
}

const fields: Record<string, Words> = {
  id: { zh: '编号', en: 'Number' }, name: { zh: '名称', en: 'Name' }, name_en: { zh: '英文名称', en: 'English name' }, login: { zh: '用户名', en: 'User name' }, mobile: { zh: '手机号', en: 'Mobile' }, email: { zh: '邮箱', en: 'E-mail' },
  state: { zh: '状态', en: 'State' }, kind: { zh: '类型', en: 'Kind' }, code: { zh: '编码', en: 'Code' }, parent_id: { zh: '上级', en: 'Parent' }, department_id: { zh: '部门', en: 'Department' }, department_ids: { zh: '部门', en: 'Departments' },
  department_name: { zh: '部门名称', en: 'Department name' }, other_department_ids: { zh: '兼任部门', en: 'Further departments' }, role_ids: { zh: '角色', en: 'Roles' }, permissions: { zh: '权限', en: 'Permissions' }, scope: { zh: '数据范围', en: 'Data scope' },
  totp: { zh: '动态验证码', en: 'One-time code' }, password_change: { zh: '须改密码', en: 'Must change password' }, signed_in_at: { zh: '最近登录', en: 'Last sign-in' }, created_at: { zh: '创建时间', en: 'Created' }, version: { zh: '版本', en: 'Version' },
  sort: { zh: '顺序', en: 'Order' }, closed: { zh: '已关闭', en: 'Closed' }, staff: { zh: '员工数', en: 'Staff' }, children: { zh: '下级数', en: 'Departments below' }, in_scope: { zh: '在范围内', en: 'In scope' }, members: { zh: '人数', en: 'Members' }, key: { zh: '标识', en: 'Key' },
  group_id: { zh: '分组', en: 'Group' }, color: { zh: '颜色', en: 'Colour' }, single: { zh: '单选', en: 'One each' }, people: { zh: '客户数', en: 'Customers' }, url: { zh: '地址', en: 'Address' }, types: { zh: '事件', en: 'Events' }, active: { zh: '启用', en: 'Active' },
  trusted: { zh: '可信', en: 'Trusted' }, user_scope: { zh: '用户编号范围', en: 'Scope of user ids' }, expires_at: { zh: '有效期', en: 'Valid until' }, text: { zh: '内容', en: 'Text' }, add: { zh: '添加', en: 'Added' }, remove: { zh: '移除', en: 'Removed' },
  birthday: { zh: '生日', en: 'Birthday' }, gender: { zh: '性别', en: 'Gender' }, note: { zh: '备注', en: 'Note' }, owner_id: { zh: '负责人', en: 'Looked after by' }, stage_id: { zh: '阶段', en: 'Stage' }, channel: { zh: '渠道', en: 'Channel' }, reason: { zh: '原因', en: 'Reason' },
  value: { zh: '值', en: 'Value' }, condition: { zh: '条件', en: 'Condition' }, customer_id: { zh: '客户', en: 'Customer' }, staff_id: { zh: '员工', en: 'Staff' }, tag_id: { zh: '标签', en: 'Tag' }, ruled: { zh: '自动', en: 'By rule' }, waiting: { zh: '等待数', en: 'Waiting' }, dead: { zh: '失败数', en: 'Dead' },
}
/** As words, or as the API names it. */
export const fieldName = (field: string): string => (fields[field] ? say(fields[field]) : field)
