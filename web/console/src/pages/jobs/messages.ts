import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '后台任务', text: '导入、批量打标签、定时清理等；出错自动重试，多次失败的停下等人处理。',
    kind: '任务', anyKind: '所有任务', state: '状态', states: { waiting: '等待中', running: '进行中', paused: '已暂停', done: '已完成', dead: '失败', cancelled: '已放弃' }, recurring: '定时',
    progress: '进度', when: '时间', by: '发起人', house: '系统', attempts: '尝试次数', error: '失败原因', none: '没有后台任务', noneText: '导入数据、批量打标签等工作开始后，会显示在这里。',
    created: '发起时间', due: '计划时间', started: '开始时间', finished: '结束时间', payload: '参数', result: '结果', deadHint: '已多次重试仍未成功；排除原因后可以再试。',
    acts: { retry: '重试', pause: '暂停', resume: '继续', cancel: '放弃' }, did: { retry: '已重新开始', pause: '已暂停', resume: '已继续', cancel: '已放弃' }, cancelTitle: '放弃这个任务？', cancelText: '已经做完的部分保留，其余不再进行。',
  },
  en: {
    title: 'Jobs', text: 'Imports, bulk tagging, housekeeping. What fails is tried again; what fails too often waits for a person.',
    kind: 'Job', anyKind: 'Any job', state: 'State', states: { waiting: 'Waiting', running: 'Running', paused: 'Paused', done: 'Done', dead: 'Failed', cancelled: 'Given up' }, recurring: 'recurring',
    progress: 'Progress', when: 'When', by: 'Asked for by', house: 'System', attempts: 'Attempts', error: 'Why it failed', none: 'No jobs', noneText: 'Imports, bulk tagging and the like appear here once they have begun.',
    created: 'Asked for', due: 'Due', started: 'Begun', finished: 'Ended', payload: 'Input', result: 'Result', deadHint: 'It failed again and again; try it once the reason is gone.',
    acts: { retry: 'Try again', pause: 'Pause', resume: 'Resume', cancel: 'Give up' }, did: { retry: 'It begins again', pause: 'Paused', resume: 'It goes on', cancel: 'Given up' }, cancelTitle: 'Give this job up?', cancelText: 'What it has done stays done; the rest is not.',
  },
})
