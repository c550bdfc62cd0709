import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    shade: '深浅', byPeople: '按人数', few: '少', many: '多', nobody: '无人', people: '{n} 人', ofPeople: '占人数 {n}', high: '高', low: '低', score: '{n} 分', mean: '平均分',
    cell: 'R {r} 分、F {f} 分：{n} 人', cellSum: 'R {r} 分、F {f} 分：{n} 人，{sum}', byM: 'M 1 到 5 分各 {n} 人',
  },
  en: {
    shade: 'Shade', byPeople: 'By people', few: 'few', many: 'many', nobody: 'nobody', people: '{n} person | {n} people', ofPeople: '{n} of people', high: 'high', low: 'low', score: '{n}', mean: 'Mean score',
    cell: 'R {r}, F {f}: {n} people', cellSum: 'R {r}, F {f}: {n} people, {sum}', byM: 'By M from 1 to 5: {n} people',
  },
})
