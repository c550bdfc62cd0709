/// <reference types="vite/client" />
import type { Page } from '@/app/page'

declare module 'vue-router' {
  interface RouteMeta {
    /** The page this address belongs to; none: not found */
    page?: Page
    /** Of a detail page: the page it is reached from */
    parent?: Page
    /** Seen without a session */
    open?: boolean
    /** Without navigation and header */
    bare?: boolean
  }
}
