import type { Server } from 'node:http'

/**
 * Closes a server as the end of a process does (libs/http/graceful-stop.ts): connections that are open and silent are not waited for. A
 * client may have opened one that it never used, and Node would give it a minute to send its first request.
 */
export async function closeApp(app: { close(): Promise<unknown>; getHttpServer(): unknown }): Promise<void> {
  const closing = app.close()
  // Hooks that end streams run first.
  setImmediate(() => (app.getHttpServer() as Server).closeAllConnections())
  await closing
}
