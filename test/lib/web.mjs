// What Debian 12's Node.js (18) lacks of the web platform that tests and the console's code use.
import { webcrypto } from 'node:crypto'

globalThis.crypto ??= webcrypto

// Its Headers join the cookies with commas; ours have none of their own, for they end by Max-Age and not by a date.
Headers.prototype.getSetCookie ??= function () {
  return this.get('set-cookie')?.split(/, (?=\w+=)/) ?? []
}
