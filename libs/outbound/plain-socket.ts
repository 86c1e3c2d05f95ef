import { connect, type Socket } from 'node:net'
import { OutboundError } from './outbound-error.js'

/** A connection to a host that the operator of the installation named; it may be on the operator's own network. Throws `OutboundError`. */
export function connectPlain(host: string, port: number, timeLimitMs: number): Promise<Socket> {
  return opened(connect({ host, port }), AbortSignal.timeout(timeLimitMs))
}

/** The socket once it is connected. */
export function opened(socket: Socket, deadline: AbortSignal): Promise<Socket> {
  return new Promise<Socket>((done, fail) => {
    const late = () => socket.destroy(new OutboundError('too_slow'))
    deadline.addEventListener('abort', late, { once: true })
    // Stays: until its next owner listens, an error of the socket would end the process.
    socket.on('error', (error) => {
      deadline.removeEventListener('abort', late)
      fail(error instanceof OutboundError ? error : new OutboundError('unreachable', { cause: error }))
    })
    socket.once('connect', () => {
      deadline.removeEventListener('abort', late)
      done(socket)
    })
    if (deadline.aborted) late()
  })
}
