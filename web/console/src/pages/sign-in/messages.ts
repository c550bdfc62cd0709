import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: { title: '登录荷塘', promise: '留住每一位顾客，\n让每一次触达都恰到好处。', about: '客户、标签、活动与成交，都在品牌自己的机器上。', help: '忘记密码或没有账号，请联系贵公司的荷塘管理员。' },
  en: { title: 'Sign in to Hetang', promise: 'Keep every customer close,\nand reach each at the right moment.', about: "Customers, tags, campaigns and sales, on the brand's own machine.", help: 'Forgot the password, or no account yet? Ask the administrator of Hetang in your company.' },
})
