import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '活跃与生命周期', text: '每一期有谁新来、留下、回流、沉默；来过的人来得有多勤。', view: '看什么', of: '活跃', unit: '周期', window: '窗口', ofEvent: '做过这件事就算活跃',
    period: '周期', active: '活跃', net: '净增', running: '进行中', lastOne: '{period}活跃', came: '流入', went: '流出', ratio: '粘性', ratioOf: '{period}粘性', each: '人均活跃', days: '活跃了', count: '人数', share: '占比', recentPeople: '{span}内活跃', drawn: '画出', distribution: '活跃几{unit}', course: '走势',
    personIs: '{period} · {name}', personActive: '{period} · 活跃', personRecent: '{period} · {name}', personDays: '最近 {span}里活跃 {days}',
    lifeSays: '生命周期图，从 {from} 到 {to}，最后一个完整周期活跃 {active} 人：留下 {stayed}，新增 {fresh}，回流 {back}；沉默 {quiet}', daysSays: '最近 {span}里活跃几{unit}的分布，共 {people} 人，人均 {each}', courseSays: '粘性走势，从 {from} 到 {to}，最近为 {ratio}',
    comma: '，', group: '分组', shown: '看哪一组', groups: '各组对比', everybody: '全部', inGroup: '{group} · {title}', onlyFirst: '图中为最大的 {n} 组，全部 {all} 组见表格。', besideLife: '各组在{period}。', besideSays: '{n} 组对比：{first}',
    besideNote: '零点右边相加等于当期活跃；左边是上一期来过、这一期没来的人。',
    lifeNote: '横轴以上相加等于当期活跃；以下是上一期来过、这一期没来的人。淡色的一期还没过完，“沉默”的人还可能来。', daysNote: '窗口到 {end} 为止。', courseNote: '粘性 ＝ {active} ÷ {recent}。',
  },
  en: {
    title: 'Activity and life cycle', text: 'Who is new, stays, comes back or goes quiet in each period; and how often those come who come.', view: 'View', of: 'Active by', unit: 'Period', window: 'Window', ofEvent: 'who does this is active',
    period: 'Period', active: 'Active', net: 'Net', running: 'still running', lastOne: 'Active, {period}', came: 'Came', went: 'Went', ratio: 'Stickiness', ratioOf: 'Stickiness, {period}', each: 'Active on average', days: 'Active in', count: 'People', share: 'Share', recentPeople: 'Active in {span}', drawn: 'Drawn', distribution: 'How many {unit}s', course: 'Course',
    personIs: '{period} · {name}', personActive: '{period} · active', personRecent: '{period} · {name}', personDays: 'Active in {days} of the latest {span}',
    lifeSays: 'Life cycle from {from} to {to}; in the last whole period {active} are active: {stayed} stayed, {fresh} are new, {back} came back; {quiet} went quiet', daysSays: 'How many {unit}s of the latest {span} people were active in: {people} people, {each} on average', courseSays: 'Stickiness from {from} to {to}; {ratio} at the end',
    comma: ', ', group: 'Group', shown: 'Which group', groups: 'Groups beside each other', everybody: 'Everybody', inGroup: '{group} · {title}', onlyFirst: 'The picture has the {n} largest groups; the table has all {all}.', besideLife: 'The groups in {period}.', besideSays: '{n} groups beside each other: {first}',
    besideNote: 'What stands at the right of zero adds up to the active; at the left are those who came in the period before and not in this one.',
    lifeNote: 'What stands above the axis adds up to the active; below it are those who came in the period before and not in this one. The pale period is not over: who is quiet may still come.', daysNote: 'The window ends with {end}.', courseNote: 'Stickiness = {active} ÷ {recent}.',
  },
})
