import { StringDecoder } from 'node:string_decoder'
import { CliError } from './cli-error.js'
import type { Io } from './io.js'

/** Everything on stdin without its last line break. */
export async function readAll(io: Io): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of io.stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer))
  return Buffer.concat(chunks).toString('utf8').replace(/\r?\n$/, '')
}

/** A secret from the terminal without showing it, or from a pipe. Never from an argument: those are in the process list and the history. */
export async function readSecret(io: Io, question: string): Promise<string> {
  if (!io.stdin.isTTY) return readAll(io)
  const { stdin } = io
  // Before the question: what is typed the moment it appears must not be shown either.
  stdin.setRawMode(true)
  io.stderr.write(`${question}: `)
  stdin.resume()
  try {
    return await new Promise<string>((done, fail) => {
      const decoder = new StringDecoder('utf8')
      let typed = ''
      const onData = (chunk: Buffer) => {
        for (const letter of decoder.write(chunk)) {
          if (letter === '\r' || letter === '\n' || letter === '\u0004') return finish(() => done(typed))
          if (letter === '\u0003') return finish(() => fail(new CliError('cancelled', 'Cancelled.', { exitCode: 130 })))
          if (letter === '\u007F' || letter === '\b') typed = typed.slice(0, -1)
          else if (letter >= ' ') typed += letter
        }
      }
      const finish = (settle: () => void) => {
        stdin.off('data', onData)
        settle()
      }
      stdin.on('data', onData)
    })
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    io.stderr.write('\n')
  }
}

/** Asks before something that cannot be undone; without a terminal `--yes` is the only way. */
export async function confirm(io: Io, question: string, expected: string): Promise<void> {
  if (!io.stdin.isTTY) throw new CliError('confirmation_required', `${question} Without a terminal, say --yes.`)
  io.stderr.write(`${question} Type ${expected} to go on: `)
  const typed = await new Promise<string>((done) => {
    let text = ''
    const onData = (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (!text.includes('\n')) return
      io.stdin.off('data', onData)
      io.stdin.pause()
      done(text.trim())
    }
    io.stdin.on('data', onData)
    io.stdin.resume()
  })
  if (typed !== expected) throw new CliError('cancelled', 'Nothing was changed.')
}
