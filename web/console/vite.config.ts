// How the console is built: into web/console/dist, which tools/assets.mjs puts into the binary.
//   npm run dev                       with a running server: HETANG_URL, by default http://127.0.0.1:8080
//   npm run dev -- --mode gallery     every component of ui/ in every state (gallery/), without a server
import vue from '@vitejs/plugin-vue'
import fs from 'node:fs'
import path from 'node:path'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig, type Plugin } from 'vite'

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const repository = path.resolve(here, '../..')

/** What each file of the build draws in, for tools/size.mjs; beside the build and not in it, so that it is not served. */
function chunkMap(): Plugin {
  return {
    name: 'hetang-chunk-map',
    apply: 'build',
    writeBundle(_, bundle) {
      const chunks = Object.values(bundle).flatMap((file) =>
        file.type === 'chunk'
          ? [{ file: file.fileName, entry: file.isEntry, imports: file.imports, lazy: file.dynamicImports, modules: file.moduleIds.map((id) => path.relative(here, id)) }]
          : [],
      )
      fs.mkdirSync(path.join(repository, 'build/gen'), { recursive: true })
      fs.writeFileSync(path.join(repository, 'build/gen/console-chunks.json'), JSON.stringify(chunks))
    },
  }
}

/** Packages of the first load, together, so that a page of our own that changes leaves them in the browser's cache. */
const core = /node_modules\/(@vue|vue|vue-router|vue-i18n|@intlify)\//

export default defineConfig(({ command, mode }) => ({
  root: mode === 'gallery' ? path.join(here, 'gallery') : here,
  publicDir: path.join(here, 'public'),
  logLevel: command === 'build' ? 'warn' : 'info',
  plugins: [
    vue(),
    // Element Plus by need: <el-button> brings its code and its style. Components of our own are imported by name.
    Components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
    ...(mode === 'gallery' ? [] : [chunkMap()]),
  ],
  resolve: { alias: { '@': path.join(here, 'src'), '@api': path.join(repository, 'web/api') } },
  define: { __VUE_OPTIONS_API__: 'true', __VUE_I18N_LEGACY_API__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: mode === 'gallery' ? path.join(repository, 'build/gallery') : 'dist',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      output: { manualChunks: (id) => (core.test(id) ? 'core' : undefined), experimentalMinChunkSize: 8000 },
    },
  },
  server: {
    port: 5173,
    fs: { allow: [here, path.join(repository, 'web/api'), path.join(repository, 'node_modules')] },
    proxy: { '^/(api|v1|healthz|readyz)': { target: process.env.HETANG_URL ?? 'http://127.0.0.1:8080', changeOrigin: true } },
  },
}))
