import type { Connection } from '../support/sql.js'

/** Functions by how often their answer may change: what Citus asks of each in a statement that writes. */
export interface Volatility {
  stable: ReadonlySet<string>
  volatile: ReadonlySet<string>
  /** Of ours, those that ask a shared table themselves. */
  asking: ReadonlySet<string>
}

export async function readVolatility(db: Connection): Promise<Volatility> {
  const rows = await db.query<{ name: string; kind: string; asks: boolean }>(`
    select case when n.nspname = 'auth' then 'auth.' || p.proname else p.proname::text end as name, min(p.provolatile::text) as kind,
      bool_or(n.nspname = 'auth' and p.prosrc ~ '\\m(from|join|into|update) auth\\.\\w+') as asks
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('pg_catalog', 'auth') group by 1`)
  const of = (kind: string) => new Set(rows.filter((row) => row.kind === kind).map(({ name }) => name))
  // Of one name the least: 'i' < 's' < 'v'. Those that are stable for times alone are named here.
  const stable = of('s')
  for (const name of ['date_part', 'extract', 'date_trunc', 'to_char']) stable.add(name)
  return { stable, volatile: of('v'), asking: new Set(rows.filter(({ asks }) => asks).map(({ name }) => name)) }
}

const CALL = /(?<![\w.])((?:auth\.)?[a-z_]\w*) ?\(/g
/** What is no value of a row: parameters, variables, times that were given. */
const WORDS = 'null|true|false|interval|from|epoch|at|time|zone|and|or|not|is|as|in|secs|days|hours'
const GIVEN = new RegExp(`\\$\\d+|\\b[pv]_\\w+(?:\\.\\w+)*|'(?:[^']|'')*'|::\\w+(?:\\[\\])?|\\b(?:${WORDS})\\b|=>|\\d+`, 'g')

const MOVED_TIME = /\b(?![pv]_)\w+\.(?:\w+_at|expires\w*|since|until) [+-] (?:interval|make_interval)/

/** From an opening parenthesis to its own end. */
function inside(text: string, open: number): string {
  let depth = 0
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')' && (depth -= 1) === 0) return text.slice(open + 1, at)
  }
  return text.slice(open + 1)
}

function calls(text: string): { name: string; args: string }[] {
  return [...text.matchAll(CALL)].map((call) => ({ name: call[1]!, args: inside(text, call.index + call[0].length - 1) }))
}

/** A subquery is a question of its own: what it calls is asked where the rows lie. */
const withoutSubqueries = (text: string): string => {
  for (let at = text.search(/\(\s*select\b/); at !== -1; at = text.search(/\(\s*select\b/)) {
    text = `${text.slice(0, at)} ${text.slice(at + inside(text, at).length + 2)}`
  }
  return text
}
const ofRows = (args: string) => /[a-z]/.test(args.replaceAll(GIVEN, ' ').replaceAll(CALL, ' '))

/**
 * What Citus refuses of one statement on shared tables (multi_router_planner.c, ModifyPartialQuerySupported; insert_select_executor.c),
 * also where a function runs on the machine that holds the project. The text is lower case, in one line.
 */
export function refusedByCitus(statement: string, shared: readonly string[], { stable, volatile, asking }: Volatility): string[] {
  const problems: string[] = []
  const named = (text: string) => (text.match(/\bauth\.\w+\b(?!\()/g) ?? []).some((table) => shared.includes(table))
  if (!named(statement)) return []
  for (const { name } of calls(statement.replaceAll(/\binsert into auth\.\w+ (?:as \w+ )?\(/g, ' (')))
    if (asking.has(name)) problems.push(`${name} asks from within a question`)
  for (const part of writes(statement)) {
    if (!named(part.text.slice(0, 80))) continue
    const [body, returning = ''] = part.text.split(/\breturning\b/)
    for (const { name } of calls(returning)) if (stable.has(name) || volatile.has(name)) problems.push(`returning calls ${name}`)
    if (part.kind === 'insert') problems.push(...ofInsert(part.text, part.within, stable))
    else {
      for (const { name } of calls(part.text)) if (volatile.has(name)) problems.push(`${part.kind} calls ${name}, which is volatile`)
      const own = withoutSubqueries(body!)
      for (const { name, args } of calls(own)) if (stable.has(name) && ofRows(args)) problems.push(`${part.kind} calls ${name} of its rows`)
      if (MOVED_TIME.test(own)) problems.push(`${part.kind} moves a time of its rows`)
      for (const choice of own.matchAll(/\bcase\b.*?\bend\b|\bcoalesce\([^()]*(?:\([^()]*\)[^()]*)*\)/g))
        for (const { name } of calls(choice[0])) if (stable.has(name)) problems.push(`${part.kind} chooses by ${name}`)
    }
  }
  return [...new Set(problems)]
}

function ofInsert(text: string, within: string, stable: ReadonlySet<string>): string[] {
  const problems: string[] = []
  const head = text.replace(/\bon conflict\b.*/, '')
  const values = /\bvalues ?\(/.test(head)
  if (values && /\bselect\b/.test(head.slice(head.search(/\bvalues ?\(/)))) problems.push('insert of values with a subquery')
  if (values && /\breturning\b.*\bselect\b/.test(text)) problems.push('insert of values that returns a subquery')
  if (values && /\bwith\b/.test(within)) problems.push('insert of values behind a common table expression')
  // Written by COPY, which row security refuses.
  const copied = !values && /\bselect\b/.test(text) && !/\bon conflict\b|\breturning\b/.test(text)
  if (copied) problems.push('insert of a query without on conflict')
  const set = /\bdo update set\b(.*)/.exec(text.split(/\breturning\b/)[0]!)?.[1] ?? ''
  for (const { name } of calls(set)) if (stable.has(name)) problems.push(`on conflict calls ${name}`)
  return problems
}

/** The statements within one, each as far as its own end; `within`: what stands before the last one. */
function writes(statement: string): { kind: string; text: string; within: string }[] {
  const found: { kind: string; text: string; within: string }[] = []
  for (const start of statement.matchAll(/\( ?(insert into|update|delete from) auth\./g)) {
    const text = inside(statement, start.index).trim()
    found.push({ kind: start[1]!.split(' ')[0]!, text, within: '' })
    statement = statement.replace(text, (whole) => ' '.repeat(whole.length))
  }
  const last = /(?:^|[^(\w] ?)\b(insert into|update|delete from) auth\./.exec(statement)
  if (last) {
    const at = last.index + last[0].search(/\b(?:insert into|update|delete from)\b/)
    found.push({ kind: last[1]!.split(' ')[0]!, text: statement.slice(at), within: statement.slice(0, at) })
  }
  return found
}

/** SQL in the program: each text that begins as a statement, with what is put in from elsewhere left out. */
export function statementsIn(source: string): string[] {
  return [...source.matchAll(/`\s*((?:with|select|insert|update|delete)\b[^`]*)`|'((?:with|select|insert|update|delete)\b[^'\n]*)'/g)]
    .map(([, template, text]) => (template ?? text)!.replaceAll(/\$\{[^}]*\}/g, 'x').replaceAll('auth.current_project_id()', '$0'))
    .map((text) => text.replaceAll(/\s+/g, ' ').toLowerCase())
    .filter((text) => text.includes('auth.'))
}
