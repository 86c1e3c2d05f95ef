import { urlsOfHosts } from '@portico/kernel/database-url'
import type { Client } from 'pg'
import { isOfHost, requireWritable } from './hosts-pool.js'

/** A connection to the first of the URL's hosts that is there and takes writes. `make` is given the URL of one host. */
export async function connectToOne<C extends Client>(connectionString: string, make: (url: string) => C): Promise<C> {
  const urls = urlsOfHosts(connectionString)
  for (const [index, url] of urls.entries()) {
    const client = make(url)
    try {
      await client.connect()
      if (urls.length > 1) await requireWritable(client)
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (index === urls.length - 1 || !isOfHost(error)) throw error
    }
  }
  throw new Error('no host')
}
