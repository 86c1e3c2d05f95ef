import type { components } from './generated.js'
import type { Call, CallOptions, Transport } from './transport.js'

/** One page of a list. */
export interface Page<T> {
  data: T[]
  /** `totalIs` where a total may be estimated instead of counted. */
  page: components['schemas']['Page'] & { totalIs?: components['schemas']['EstimatedPage']['totalIs'] }
}

/** The other way to page, which an iteration has no use for. */
export type NumberedPages = 'page' | 'pageSize'

export type PageQuery = Omit<components['schemas']['ListApiKeysQuery'], NumberedPages>

/**
 * A list that was asked for. `await` it for one page, or iterate it for every item on this page and those after it:
 * `for await (const project of portico.projects.list()) …`. Nothing is sent before either; each page is fetched when the loop gets there.
 */
export class Listing<T> implements PromiseLike<Page<T>>, AsyncIterable<T> {
  readonly #transport: Transport
  readonly #call: Call
  readonly #options: CallOptions | undefined

  constructor(transport: Transport, call: Call, options: CallOptions | undefined) {
    this.#transport = transport
    this.#call = call
    this.#options = options
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is the point
  then<Fulfilled = Page<T>, Rejected = never>(
    onFulfilled?: ((page: Page<T>) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#fetch(undefined).then(onFulfilled, onRejected)
  }

  /** Page by page, for when a whole page is worked on at once. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor: string | undefined
    do {
      const page = await this.#fetch(cursor)
      yield page
      cursor = page.page.nextCursor ?? undefined
    } while (cursor !== undefined)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data
  }

  #fetch(cursor: string | undefined): Promise<Page<T>> {
    const query = cursor === undefined ? this.#call.query : { ...this.#call.query, cursor }
    return this.#transport.send<Page<T>>({ ...this.#call, query }, this.#options)
  }
}
