import { useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useEffect } from 'react'
import { portico } from '../../api/portico.js'

/** What happens at once is read at once. */
const GATHER_MS = 500

/** Reads the log of a project anew as something happens in it; not while somebody has gone further back. */
export function useStream(projectId: string | undefined): void {
  const client = useQueryClient()
  useEffect(() => {
    if (projectId === undefined) return
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = () => {
      timer = undefined
      const isAtTheTop = (data: unknown) => (data as InfiniteData<unknown> | undefined)?.pages.length === 1
      void client.invalidateQueries({ queryKey: ['audit'], predicate: ({ state }) => isAtTheTop(state.data) })
    }
    const follow = async () => {
      for await (const _event of portico.events.follow(projectId, { signal: controller.signal })) timer ??= setTimeout(read, GATHER_MS)
    }
    // The page asks by itself too, every few seconds: without the stream it is later, and nothing is missing.
    follow().catch(() => undefined)
    return () => {
      controller.abort()
      clearTimeout(timer)
    }
  }, [client, projectId])
}
