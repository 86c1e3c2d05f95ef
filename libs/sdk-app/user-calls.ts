import type { AuthCall, Connection } from './connection.js'
import type { SessionKeeper } from './session-keeper.js'
import { isNextOf, isTokenRefused, pageUrl, withToken } from './token-use.js'

export type UserCalls = ReturnType<typeof userCalls>

/** Calls that carry the signed-in user's access token, tried once more with its successor when it is refused. */
export function userCalls(
  connection: Connection,
  keeper: SessionKeeper,
  tokenOrigins: readonly string[],
  request: typeof globalThis.fetch,
) {
  /** The call is one user's, tried again with another token of that user alone: another tab may have signed in somebody else. */
  const sendAs = async <T>(call: AuthCall): Promise<{ answer: T; userId: string }> => {
    const session = await keeper.fresh()
    const { userId } = session
    try {
      return { answer: await connection.send<T>(call, session.accessToken), userId }
    } catch (error) {
      if (!isTokenRefused(error)) throw error
      const next = await keeper.refresh(session.accessToken)
      if (!isNextOf(session, next)) throw error
      return { answer: await connection.send<T>(call, next.accessToken), userId }
    }
  }
  return {
    sendAs,
    send: async <T>(call: AuthCall): Promise<T> => (await sendAs<T>(call)).answer,
    async fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
      const asked = new Request(input instanceof Request ? input : new URL(input, pageUrl()), init)
      const { origin } = new URL(asked.url)
      if (!tokenOrigins.includes(origin)) throw new TypeError(`The token is not sent to ${origin}. See tokenOrigins.`)
      const session = await keeper.fresh()
      // A stream given by the caller can be read once.
      const again = init.body instanceof ReadableStream ? null : asked.clone()
      const response = await request(withToken(asked, session.accessToken))
      if (response.status !== 401 || !again) return response
      const next = await keeper.refresh(session.accessToken).catch(() => null)
      if (!isNextOf(session, next)) return response
      await response.body?.cancel()
      return request(withToken(again, next.accessToken))
    },
  }
}
