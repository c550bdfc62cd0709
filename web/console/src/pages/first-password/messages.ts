import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: { title: '设置您自己的密码', text: '{name}，您正在使用初始密码。换成只有您知道的密码后，就可以开始使用。', promise: '第一次见面，\n先把门锁换成自己的。', about: '密码以 Argon2id 保存，任何人都看不到，管理员也不能。', changed: '密码已设置', leave: '退出登录' },
  en: { title: 'Choose a password of your own', text: '{name}, you came in with a first password. Change it to one that only you know, and begin.', promise: 'The first time here:\nput your own lock on the door.', about: 'Passwords are kept as Argon2id; nobody can read them, not even the administrator.', changed: 'The password is set', leave: 'Sign out' },
})
