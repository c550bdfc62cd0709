// Before the first paint: the theme and the language chosen last time on this machine (src/app/theme.ts, src/i18n/index.ts).
;(function () {
  var root = document.documentElement
  var kept = function (name) {
    try {
      return localStorage.getItem(name)
    } catch (_) {
      return null // private windows may refuse storage; the defaults do
    }
  }
  var theme = kept('hetang.theme')
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.classList.toggle('dark', dark)
  root.lang = kept('hetang.language') === 'en' ? 'en' : 'zh-CN'
})()
