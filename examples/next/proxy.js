import { auth } from './lib/auth.js'

// `middleware.js` with `export const middleware` before Next.js 16.
export const proxy = auth.middleware
export const config = { matcher: ['/((?!_next/static|_next/image|favicon.ico).*)'] }
