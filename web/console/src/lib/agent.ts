/* What a browser calls itself, in words a person knows: "Chrome · Windows". Empty when nothing can be told from it. */
const browsers: Array<[RegExp, string]> = [
  [/MicroMessenger/, '微信 WeChat'], [/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/HeadlessChrome|Chrome\//, 'Chrome'], [/Safari\//, 'Safari'],
  [/curl\//, 'curl'], [/node|undici/i, 'Node.js'],
]
const systems: Array<[RegExp, string]> = [
  [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux'],
]

export function agentName(agent: string | null): string {
  const known = (table: Array<[RegExp, string]>): string | undefined => table.find(([pattern]) => pattern.test(agent ?? ''))?.[1]
  return [known(browsers), known(systems)].filter(Boolean).join(' · ')
}
