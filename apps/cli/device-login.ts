import { spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Portico } from '@portico/sdk'
import { CliError, EXIT, toCliError } from './cli-error.js'
import type { Context } from './context.js'

/** RFC 8628, 3.5. */
const SLOWER_SECONDS = 5

/** A person at the console lets this machine in; answers the key that it is given. */
export async function loginByDevice(context: Context, url: string, { browser }: { browser: boolean }): Promise<string> {
  const { deviceLogins } = new Portico({ apiKey: null, baseUrl: url })
  const code = await context.waitFor(`Asking ${url}`, deviceLogins.start(`portico on ${hostname()}`.slice(0, 100)))
  const { stderr } = context.io
  stderr.write(`Open ${code.verificationUri} and type the code\n\n  ${code.userCode}\n\nor open ${code.verificationUriComplete}\n`)
  if (browser && stderr.isTTY) openBrowser(code.verificationUriComplete)
  let interval = code.interval
  for (const end = Date.now() + code.expiresIn * 1000; Date.now() < end;) {
    await sleep(interval * 1000)
    try {
      return (await deviceLogins.redeem(code.deviceCode, { maxRetries: 0 })).key
    } catch (error) {
      const failure = toCliError(error, url)
      if (failure.code === 'access_denied') throw new CliError('access_denied', 'Refused at the console.', { exitCode: EXIT.auth })
      if (failure.code === 'slow_down') interval += SLOWER_SECONDS
      // A server that is away for a moment ends nothing: the code is good for as long as it says.
      else if (failure.code !== 'authorization_pending' && failure.exitCode === EXIT.user) throw failure
    }
  }
  throw new CliError('expired_token', 'Nobody approved in time. Run `portico login` again.', { exitCode: EXIT.auth })
}

/** Where there is no browser the address has been printed. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', '""'] : ['xdg-open']
  spawn(command!, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
