/* How a source's key is used, ready to be pasted. */
export interface Example {
  name: string
  text: string
}
const quoted = (s: string): string => `'${s}'`

export function examples(origin: string, key: string): Example[] {
  return [
    {
      name: 'curl',
      text: [
        `curl ${origin}/v1/track -u ${quoted(`${key}:`)} \\`,
        `  -H ${quoted('content-type: application/json')} \\`,
        `  -d ${quoted(JSON.stringify({ userId: 'u-1001', event: 'Product Viewed', properties: { product: 'LZ-001' } }))}`,
      ].join('\n'),
    },
    {
      name: 'Node.js',
      text: [
        '// npm install @segment/analytics-node',
        `import { Analytics } from '@segment/analytics-node'`,
        '',
        `const analytics = new Analytics({ writeKey: '${key}', host: '${origin}' })`,
        `analytics.identify({ userId: 'u-1001', traits: { name: '王小荷', phone: '13800138000' } })`,
        `analytics.track({ userId: 'u-1001', event: 'Product Viewed', properties: { product: 'LZ-001' } })`,
        'await analytics.closeAndFlush()',
      ].join('\n'),
    },
  ]
}
