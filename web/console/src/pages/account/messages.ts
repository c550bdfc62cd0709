import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '账号', text: '{name}的密码、动态验证码、登录中的设备，以及这个浏览器上的显示方式。', password: '修改密码', passwordText: '修改后，其他设备上的登录会全部退出，这里不受影响。', changed: '密码已修改，其他设备已退出登录',
    display: '显示', displayText: '只影响这个浏览器。', language: '语言', zone: '业务时区', zoneText: '所有时间按此显示，由系统设置决定。',
    totp: '动态验证码', totpText: '登录时除了密码，再输入手机上每 30 秒变一次的 6 位数字；密码泄露了，别人也登录不了。', on: '已开启', off: '未开启', turnOn: '开启动态验证码', turnOff: '关闭动态验证码', confirm: '验证并开启',
    step1: '在手机上安装验证器应用，例如 Microsoft Authenticator、Google Authenticator 或腾讯身份验证器。', step2: '用它扫描二维码：', qr: '添加到验证器应用的二维码', byHand: '扫不了？手动输入密钥', secret: '密钥', step3: '输入应用上显示的 6 位数字。',
    code: '验证码', codeWrong: '请输入 6 位数字', totpIsOn: '动态验证码已开启，下次登录时需要', totpIsOff: '动态验证码已关闭', turnOffText: '关闭后，只凭密码就能登录。', ownPassword: '登录密码',
    sessions: '登录中的设备', sessionsText: '有不认识的设备，请让它退出并修改密码。', signedIn: '登录于', here: '当前设备', end: '退出', ended: '已退出', endOthers: '退出其他所有设备', endOthersTitle: '退出其他所有设备？', endOthersText: '它们需要重新登录；这里不受影响。', unknownDevice: '未知设备',
  },
  en: {
    title: 'Account', text: 'Password, one-time codes and devices of {name}, and how things look in this browser.', password: 'Change password', passwordText: 'Afterwards you are signed out everywhere else; here nothing changes.', changed: 'The password was changed; other devices were signed out',
    display: 'Display', displayText: 'Concerns this browser only.', language: 'Language', zone: 'Business time zone', zoneText: 'All times are shown in it; it is part of the system settings.',
    totp: 'One-time codes', totpText: 'Besides the password, signing in asks for six digits from your telephone that change every 30 seconds. A stolen password alone is then of no use.', on: 'On', off: 'Off', turnOn: 'Turn on one-time codes', turnOff: 'Turn off one-time codes', confirm: 'Verify and turn on',
    step1: 'Install an authenticator app on your telephone, such as Microsoft Authenticator or Google Authenticator.', step2: 'Scan this code with it:', qr: 'QR code for the authenticator app', byHand: 'Cannot scan? Type the secret', secret: 'Secret', step3: 'Enter the six digits that the app shows.',
    code: 'Code', codeWrong: 'Enter six digits', totpIsOn: 'One-time codes are on; the next sign-in asks for one', totpIsOff: 'One-time codes are off', turnOffText: 'Afterwards the password alone is enough to sign in.', ownPassword: 'Your password',
    sessions: 'Signed-in devices', sessionsText: 'If you do not know one of them, sign it out and change your password.', signedIn: 'signed in', here: 'This device', end: 'Sign out', ended: 'Signed out', endOthers: 'Sign out all others', endOthersTitle: 'Sign out all other devices?', endOthersText: 'They must sign in again; nothing changes here.', unknownDevice: 'Unknown device',
  },
})
