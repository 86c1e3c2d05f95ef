import type { ReadStream, WriteStream } from 'node:tty'

/** Everything the command line touches of its process, so that a test can hand in its own. */
export interface Io {
  stdin: NodeJS.ReadStream | ReadStream
  stdout: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>
  stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>
  env: NodeJS.ProcessEnv
}
