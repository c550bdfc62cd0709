import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '路径', text: '做完一件事之后去了哪里，或者做一件事之前从哪里来。',
    event: '事件', end: '方向', ends: { from: '从它开始', to: '到它为止' }, how: '方式', levels: '看几步', lookAt: '看', steps: '步，每步列出最多的', steps_: '步骤', top: '每步列出几种', kinds: '种',
    every: '从哪一次算起', ways: { first: '每人只算第一次', each: '每次都算' }, collapse: '连续重复的算一步', gap: '间隔', gapEnd: '就断开', noGap: '不限间隔', withGap: '间隔超过',
    among: '事件范围', all: '所有事件', by: '同一事件按什么分开', notBy: '不分开', byName: '按{name}分开',
    persons: '人数', paths: '路径数', goOn: { from: '之后还做了别的', to: '之前还做过别的' }, whole: '走满 {n} 步',
    start: '起点', finish: '终点', step: { from: '第 {n} 步', to: '倒数第 {n} 步' }, event_: '事件', then: { from: '接着', to: '在此之前' }, number: '路径数', ofEvent: '占该事件', ofAll: '占全部', all_: '合计',
    nodeTitle: '{step}：{name}', linkTitle: '{name} → {next}', endTitle: '{name}：{ended}', pathsOf: '{n} 条路径', scroll: '路径图，可左右滚动', hint: '点一个方块或一条连线，看看是哪些客户。',
    says: '路径图，{n} 步，共 {paths} 条路径，{most}', most: '第 2 步最多的是“{name}”（{share}）',
    missing: '没有“{name}”这种事件', missingText: '换一个事件，或先接入它。', nobody: '这段时间里没有人做过“{name}”', nobodyText: '换一段更长的时间，或放宽条件。',
  },
  en: {
    title: 'Paths', text: 'Where people go after something, or where they come from before it.',
    event: 'Event', end: 'Direction', ends: { from: 'From here on', to: 'Up to here' }, how: 'How', levels: 'Number of steps', lookAt: 'for', steps: 'steps, of each the', steps_: 'Step', top: 'Kinds a step', kinds: 'most frequent',
    every: 'Which time counts', ways: { first: 'the first time of each person', each: 'every time' }, collapse: 'Repeats are one step', gap: 'Pause', gapEnd: 'ends a path', noGap: 'any pause', withGap: 'a pause of over',
    among: 'Among', all: 'All events', by: 'What tells an event apart', notBy: 'Not told apart', byName: 'Apart by {name}',
    persons: 'People', paths: 'Paths', goOn: { from: 'Did more after it', to: 'Did more before it' }, whole: 'Took all {n} steps',
    start: 'Beginning', finish: 'End', step: { from: 'Step {n}', to: 'Step {n} from the end' }, event_: 'Event', then: { from: 'Then', to: 'Before that' }, number: 'Paths', ofEvent: 'Of this event', ofAll: 'Of all', all_: 'In all',
    nodeTitle: '{step}: {name}', linkTitle: '{name} → {next}', endTitle: '{name}: {ended}', pathsOf: '{n} paths', scroll: 'The paths; scroll sideways', hint: 'Press a block or a band to see the customers.',
    says: 'Paths of {n} steps, {paths} in all; {most}', most: 'most frequent as step 2: “{name}” ({share})',
    missing: 'There is no event “{name}”', missingText: 'Choose another event, or connect it first.', nobody: 'Nobody did “{name}” in this time', nobodyText: 'Choose a longer time, or ease the conditions.',
  },
})
