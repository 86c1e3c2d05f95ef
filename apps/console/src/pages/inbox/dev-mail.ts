import { queryOptions } from '@tanstack/react-query'

export interface DevMail {
  id: string
  projectId: string
  to: string
  subject: string
  text: string
  link: string | null
  code: string | null
  createdAt: string
}

interface MailOnWire {
  id: string
  project_id: string
  to: string
  subject: string
  text: string
  link: string | null
  code: string | null
  created_at: string
}

const WATCH_MS = 2_000

/** `GET /dev/inbox.json`: no part of the platform API, and there in development alone. */
export const inboxQuery = queryOptions({
  queryKey: ['dev-inbox'],
  queryFn: async ({ signal }): Promise<DevMail[]> => {
    const response = await fetch('/dev/inbox.json', { signal })
    if (!response.ok)
      throw new Error(response.status === 404 ? 'There is an inbox in development only.' : `The inbox answered ${response.status}.`)
    const { data } = (await response.json()) as { data: MailOnWire[] }
    return data.map(({ project_id: projectId, created_at: createdAt, ...mail }) => ({ ...mail, projectId, createdAt }))
  },
  refetchInterval: WATCH_MS,
})
