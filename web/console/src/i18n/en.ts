/* Words of the whole console, English. zh.ts has the same keys: the type says so. */
import type zh from './zh'
import type { Same } from './index'

const en: Same<typeof zh> = {
  app: { name: 'Hetang', skip: 'Skip to content', title: '{page} · Hetang' },
  common: {
    save: 'Save', cancel: 'Cancel', close: 'Close', delete: 'Delete', edit: 'Edit', add: 'New', undo: 'Undo', undone: 'Undone', retry: 'Try again', refresh: 'Refresh',
    search: 'Search', clear: 'Clear', copy: 'Copy', copied: 'Copied', more: 'More', all: 'All', none: 'None', yes: 'Yes', no: 'No', optional: 'optional', back: 'Back',
    loading: 'Loading…', required: 'Fill in: {name}', tooLong: 'At most {max} characters', saved: 'Saved', done: 'Got it',
  },
  nav: {
    label: 'Main navigation', overview: 'Overview', customers: 'Customers', insight: 'Analysis', data: 'Data', connections: 'Connections', admin: 'Administration',
    fold: 'Fold navigation', unfold: 'Unfold navigation', open: 'Open navigation', shut: 'Close navigation',
  },
  header: { language: '中文', languageHint: '切换到中文', theme: 'Appearance', light: 'Light', dark: 'Dark', toLight: 'Switch to light', toDark: 'Switch to dark', system: 'As the system', shortcuts: 'Keyboard shortcuts', account: 'Account and password', password: 'Change password', signOut: 'Sign out', user: '{name}, account menu', path: 'You are here' },
  palette: {
    open: 'Search or jump', placeholder: 'Search pages, actions…', pages: 'Pages', actions: 'Actions', nothing: 'Nothing found for “{text}”', hint: 'Try another word',
    move: 'choose', run: 'open', searching: 'Searching…', failed: 'The search in “{source}” did not succeed', language: 'Switch to 中文', results: '{n} results',
  },
  shortcuts: { title: 'Keyboard shortcuts', everywhere: 'Everywhere', here: 'On this page', palette: 'Search or jump', help: 'Show this window', undo: 'Undo the last change', fold: 'Fold or unfold navigation', escape: 'Close windows and menus', submit: 'Submit a form', search: 'Go to the search field' },
  trouble: {
    request: 'Request', copyRequest: 'Copy the request number',
    network: 'Hetang cannot be reached', networkAdvice: 'Check the network and try again. What you filled in is still here.',
    server: 'Hetang did not answer as it should', serverAdvice: 'Try again shortly; if it goes on, tell the administrator.',
    script: 'Something went wrong on this page', scriptAdvice: 'Reload the page; if it goes on, tell the administrator.',
    offline: 'The network is gone; until it is back nothing can be refreshed or saved.',
    adviceReload: 'Reload and try again.', adviceRetry: 'Try again shortly.', adviceWait: 'Wait a moment, then try again.', adviceAsk: 'If you need it, ask the administrator.', adviceGone: 'It may have been deleted, or lies outside what you may see.',
    adviceReport: 'Give the administrator the request number.', adviceForm: 'Correct it and submit again.', adviceUse: 'First remove it where it is used.', adviceCheck: 'Check what you entered and try again.',
  },
  form: {
    discardTitle: 'Discard what you changed?', discardText: 'What you have just filled in will not be kept.', discard: 'Discard', stay: 'Keep editing', submitHint: 'Submit',
    confirmWord: 'Type “{word}” to confirm',
  },
  list: {
    empty: 'There is nothing here yet', nothing: 'Nothing matches', nothingHint: 'Try other conditions, or clear the filters.', clearFilters: 'Clear filters',
    shown: '{n} shown', all: '{n} in all', selected: '{n} selected', selectRow: 'Select this row', selectAll: 'Select all that is loaded', unselect: 'Clear selection', columns: 'Columns shown',
    columnsReset: 'Back to default', sortBy: 'Sort by {name}', loadingMore: 'Loading more…',
  },
  condition: {
    part: 'Condition {n} {of}', field: 'Field', operator: 'Comparison', value: 'Value', upTo: 'Up to', choose: 'Choose', typed: 'Type and press Enter; several can be given', from: 'From', to: 'To', days: 'days',
    period: 'Period', ever: 'Ever', lastDays: 'Last', fixed: 'Given period', remove: 'Remove condition {n}', who: 'Customers for whom', join: 'Join', these: 'these hold', everybody: 'No condition yet: every customer is meant.', add: 'Add a condition', addGroup: 'Add a group', group: 'Group of conditions', noTags: 'No tags to choose',
    unit: 'unit', event: 'Event', noEvents: 'No events yet: they are listed here once a source is connected or orders are recorded', addProp: 'Add a property', prop: 'Property', propPart: 'property {n} {of}', stepPart: 'step {n} {of}', anchorPart: 'start {of}', and: 'and', firstStep: 'First', then: 'Then', addStep: 'Add a step',
    each: 'Limit the time between two steps', gap: 'Time between', afterwards: 'and then, within', notDone: ', did not', measure: 'Measure', which: 'Which', firstTime: 'the first', lastTime: 'the latest', when: { ever: 'Whenever', last: 'In the last', dates: 'Between dates', after: 'After an event' },
    removed: 'Condition removed: {what}', alone: 'Customers for whom this holds by itself', rows: 'Conditions', view: 'Shown as', move: 'other condition', people: '{n} customer | {n} customers', share: '{share} of all customers', counting: 'Counting…', holds: 'Holds', holdsNot: 'Does not hold', was: 'found: {value}',
    json: 'The condition as JSON', jsonHint: 'Can be copied, pasted and changed. Where it cannot be read the place is marked, and nothing changes.', notJson: 'It cannot be read from here on: check quotes, commas and brackets', noObject: 'A condition stands in curly brackets', inLine: 'Line {n}: {text}', showPlace: 'Show',
  },
  job: { waiting: 'Waiting', running: 'Running', paused: 'Paused', done: 'Done', failed: 'Not completed', of: '{done} of {total}', stale: 'The progress cannot be read just now; trying again' },
  chart: { loading: 'Drawing…', nothing: 'No data in this period' },
  live: { connecting: 'Connecting', open: 'Live', lost: 'Connection lost, trying again', paused: 'Paused' },
  session: {
    again: 'Please sign in again', againText: 'Your session has ended. Once you have signed in, the page is as you left it and goes on with what you were doing.', elsewhere: 'You signed out in another tab.', leave: 'Leave, and go to the sign-in page',
  },
  allowed: { title: 'You may not see this page', text: '“{page}” needs a permission that your account does not have. Ask the administrator to give it to your role.', home: 'Go to the first page', noneTitle: 'There is no page for you yet', noneText: 'Your role has no permission at all. Ask the administrator to give you a role.' },
  missing: { title: 'There is no such page', text: 'The address may be wrong, or the page has moved. Ctrl K finds any page by its name.' },
  password: { show: 'Show password', hide: 'Hide password', capsLock: 'Caps Lock is on' },
  once: { text: 'This is shown once only and cannot be seen again. Copy it before you close.', kept: 'Kept it, close' },
  when: { zone: '{time} ({zone})' },
}
export default en
