// Modules of the console's source, for tests that need no browser: bundled by Vite's own esbuild, run by node.
import './web.mjs'
import { build } from 'esbuild'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './server.mjs'

const console = path.join(root, 'web/console')

/** What the modules export, as one namespace: files below web/console/src, and packages by their names (the same Vue as theirs). */
export async function load(...files) {
  const outfile = path.join(root, 'build/test/console', `${files.join('-').replace(/\W/g, '-')}.mjs`)
  await build({
    stdin: { contents: files.map((f) => `export * from '${f.endsWith('.ts') ? `@/${f}` : f}'`).join('\n'), resolveDir: console },
    outfile, bundle: true, format: 'esm', platform: 'neutral', mainFields: ['module', 'main'], target: 'node18', logLevel: 'silent',
    alias: { '@': path.join(console, 'src'), '@api': path.join(root, 'web/api') },
    define: { __VUE_I18N_LEGACY_API__: 'false', __VUE_I18N_FULL_INSTALL__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false', 'process.env.NODE_ENV': '"production"' },
  })
  const modules = await import(pathToFileURL(outfile).href)
  // What a browser would have, as far as these modules ask for it; afterwards, because Vue believes in a browser when it sees one.
  globalThis.document ??= { documentElement: { lang: '' } }
  return modules
}
