import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '账号', text: '{name}的登录密码，以及这台电脑上的显示方式。', password: '修改密码', passwordText: '修改后，其他设备上的登录会全部退出，这里不受影响。', changed: '密码已修改，其他设备已退出登录',
    display: '显示', displayText: '只影响这个浏览器。', language: '语言', zone: '业务时区', zoneText: '所有时间按此显示，由系统设置决定。',
  },
  en: {
    title: 'Account', text: 'The password of {name}, and how things look on this computer.', password: 'Change password', passwordText: 'Afterwards you are signed out everywhere else; here nothing changes.', changed: 'The password was changed; other devices were signed out',
    display: 'Display', displayText: 'Concerns this browser only.', language: 'Language', zone: 'Business time zone', zoneText: 'All times are shown in it; it is part of the system settings.',
  },
})
