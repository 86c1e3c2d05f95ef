import { auth } from '../../../lib/auth.js'

// The proxy answers these paths first; here for apps whose matcher leaves them out.
export const { GET, POST } = auth.handlers
