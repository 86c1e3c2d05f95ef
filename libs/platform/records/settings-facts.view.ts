import type { ProjectTx } from '@portico/database/project-db'
import { addSeconds } from '@portico/kernel/duration'
import { LIVE_SECONDS } from './heartbeat.js'
import { countInstances } from './instance.store.js'

/** Looked at so many people and sessions at the most; of more the newest are looked at, and what is found is scaled up. */
export const FACTS_BOUND = 20_000

export interface FactsQuestion {
  now: Date
  /** When a session must have been used last to live, before the change and after it. */
  idleSince: { before: Date; after: Date }
  /** Sessions that one person may have after it; `null`: any number. */
  sessionsOfOne: number | null
  /** For whom passkeys are made before it. */
  rpId: string | null
  /** What leaves `providers`. */
  lost: readonly string[]
}

/** What a change of settings is judged by. Nobody who is disabled counts. */
export interface Facts {
  people: number
  unconfirmed: number
  withoutFactor: number
  withPasskeyOfNow: number
  /** By way in that is lost: who has it. */
  holders: ReadonlyMap<string, number>
  sessions: number
  sessionsWithoutFactor: number
  sessionsThatEnd: number
  sessionsThatComeBack: number
  peopleOverTheLimit: number
  instances: number
  estimated: boolean
}

interface PeopleRow {
  seen: number
  unconfirmed: number
  without_factor: number
  with_passkey: number
  passwords: number
}

interface SessionsRow {
  seen: number
  live: number
  without_factor: number
  ending: number
  reviving: number
  over: number
}

// Row by row, with lookups by id: what it costs is bounded by the rows, whatever the statistics say.
const HAS_FACTOR = `((select true from auth.factor f where f.project_id = u.project_id and f.end_user_id = u.id and f.activated_at is not null limit 1)
  or (select true from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id limit 1)) is true`

export async function readFacts(tx: ProjectTx, question: FactsQuestion): Promise<Facts> {
  const [people] = await tx.query<PeopleRow>({
    name: 'settings_facts_people',
    text: `with u as materialized (select e.project_id, e.id, e.email_verified_at, e.password_hash from auth.end_user e
        where e.project_id = auth.current_project_id() and e.created_at > '-infinity' and e.disabled_at is null
        order by e.created_at desc, e.id desc limit $2)
      select count(*)::integer as seen, (count(*) filter (where u.email_verified_at is null))::integer as unconfirmed,
        (count(*) filter (where not ${HAS_FACTOR}))::integer as without_factor,
        (count(*) filter (where (select true from auth.webauthn_credential c
          where c.project_id = u.project_id and c.end_user_id = u.id and c.rp_id = $1 limit 1)))::integer as with_passkey,
        (count(*) filter (where u.password_hash is not null))::integer as passwords from u`,
    values: [question.rpId, FACTS_BOUND],
  })
  const [sessions] = await tx.query<SessionsRow>({
    name: 'settings_facts_sessions',
    text: `with s as materialized (select s.end_user_id, s.amr, s.last_used_at > $2 as lives, s.last_used_at > $3 as will_live from auth.session s
        where s.project_id = auth.current_project_id() and s.ended_at is null and (s.expires_at is null or s.expires_at > $1) limit $5)
      select count(*)::integer as seen, (count(*) filter (where s.lives))::integer as live,
        (count(*) filter (where s.lives and not s.amr @> '{mfa}'))::integer as without_factor,
        (count(*) filter (where s.lives and not s.will_live))::integer as ending,
        (count(*) filter (where s.will_live and not s.lives))::integer as reviving,
        (select count(*)::integer from (select 1 from s t where t.lives group by t.end_user_id having count(*) > $4) o) as over from s`,
    values: [question.now, question.idleSince.before, question.idleSince.after, question.sessionsOfOne ?? 2_147_483_647, FACTS_BOUND],
  })
  if (!people || !sessions) throw new Error('an aggregate answered nothing')
  const total = people.seen < FACTS_BOUND ? people.seen : Math.max(await estimatePeople(tx), people.seen)
  const scaled = (count: number) => (people.seen === 0 ? 0 : Math.round((count * total) / people.seen))
  return {
    people: total,
    unconfirmed: scaled(people.unconfirmed),
    withoutFactor: scaled(people.without_factor),
    withPasskeyOfNow: scaled(people.with_passkey),
    holders: await readHolders(tx, question.lost, {
      passwords: scaled(people.passwords),
      people: total,
      passkeys: scaled(people.with_passkey),
    }),
    sessions: sessions.live,
    sessionsWithoutFactor: sessions.without_factor,
    sessionsThatEnd: sessions.ending,
    sessionsThatComeBack: sessions.reviving,
    peopleOverTheLimit: sessions.over,
    instances: await countInstances(tx, addSeconds(question.now, -LIVE_SECONDS)),
    estimated: people.seen >= FACTS_BOUND || sessions.seen >= FACTS_BOUND,
  }
}

async function readHolders(
  tx: ProjectTx,
  lost: readonly string[],
  known: { passwords: number; passkeys: number; people: number },
): Promise<Map<string, number>> {
  const holders = new Map<string, number>()
  for (const way of lost) {
    if (way === 'email') holders.set(way, known.passwords)
    else if (way === 'passkey') holders.set(way, known.passkeys)
    else if (way === 'magic_link' || way === 'email_otp') holders.set(way, known.people)
    else holders.set(way, await countIdentities(tx, way))
  }
  return holders
}

async function countIdentities(tx: ProjectTx, provider: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'settings_facts_identities',
    text: `select count(distinct i.end_user_id)::integer as count from (
        select end_user_id from auth.identity where project_id = auth.current_project_id() and provider = $1 limit $2) i`,
    values: [provider, FACTS_BOUND],
  })
  return row?.count ?? 0
}

async function estimatePeople(tx: ProjectTx): Promise<number> {
  const [row] = await tx.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>({
    name: '',
    text: `explain (format json) select 1 from auth.end_user where project_id = auth.current_project_id() and disabled_at is null`,
    values: [],
  })
  return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0
}
