/* Words of the forms by which one comes in: signing in, here or over a page, and changing the password. */
import { defineMessages } from '@/i18n'

export const signInWords = defineMessages({
  zh: {
    login: '用户名', password: '密码', code: '动态验证码', codeHint: '打开身份验证器，输入 6 位数字', submit: '登录',
    loginMissing: '请输入用户名', passwordMissing: '请输入密码', codeMissing: '请输入动态验证码', wait: '{n} 秒后再试',
  },
  en: {
    login: 'User name', password: 'Password', code: 'One-time code', codeHint: 'Open your authenticator and enter the 6 digits', submit: 'Sign in',
    loginMissing: 'Enter your user name', passwordMissing: 'Enter your password', codeMissing: 'Enter the one-time code', wait: 'Try again in {n} s',
  },
})

export const passwordWords = defineMessages({
  zh: {
    old: '当前密码', fresh: '新密码', freshHint: '至少 10 个字符，不要用常见密码', again: '再输一次新密码', oldMissing: '请输入当前密码',
    freshMissing: '请输入新密码', freshShort: '至少 10 个字符，还差 {n} 个', freshSame: '不能与当前密码相同', againWrong: '两次输入的新密码不一致', submit: '修改密码',
  },
  en: {
    old: 'Present password', fresh: 'New password', freshHint: 'At least 10 characters, and not a common one', again: 'New password, once more', oldMissing: 'Enter the present password',
    freshMissing: 'Enter a new password', freshShort: 'At least 10 characters; {n} more', freshSame: 'It must differ from the present one', againWrong: 'The two new passwords differ', submit: 'Change password',
  },
})
