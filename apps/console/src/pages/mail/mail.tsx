import { useSearch } from '@tanstack/react-router'
import { PERMISSIONS, whyNot } from '../../api/permissions.js'
import { useProjectId } from '../../api/project.js'
import { may, useSession } from '../../api/session.js'
import { Note } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { Tabs } from '../../ui/tabs.js'
import { Mails } from './mails.js'
import { Senders } from './senders.js'
import { Suppressions } from './suppressions.js'
import { Templates } from './templates.js'

const TABS = [
  ['mails', 'What became of mails'],
  ['senders', 'Senders'],
  ['words', 'Words'],
  ['suppressed', 'Suppressed addresses'],
] as const
type Tab = (typeof TABS)[number][0]

const NEEDS: Record<Tab, string> = {
  mails: PERMISSIONS.readUsers,
  senders: PERMISSIONS.readAuth,
  words: PERMISSIONS.readAuth,
  suppressed: PERMISSIONS.readUsers,
}

export default function MailPage() {
  const projectId = useProjectId()
  const session = useSession()
  const search = useSearch({ strict: false }) as { tab?: string }
  const open = TABS.find(([name]) => name === search.tab)?.[0] ?? 'mails'
  return (
    <Page title="Mail" lead="Who sends this project’s mail, what it says, and what became of it.">
      <Tabs label="Parts of this page" tabs={TABS} open={open} />
      {!may(session, NEEDS[open]) ? (
        <Note>{whyNot(NEEDS[open])}</Note>
      ) : open === 'mails' ? (
        <Mails projectId={projectId} />
      ) : open === 'senders' ? (
        <Senders projectId={projectId} />
      ) : open === 'words' ? (
        <Templates projectId={projectId} />
      ) : (
        <Suppressions projectId={projectId} />
      )}
    </Page>
  )
}
