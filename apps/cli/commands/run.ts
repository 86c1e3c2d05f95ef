import { spawn } from 'node:child_process'
import { constants, hostname } from 'node:os'
import type { Command } from 'commander'
import { action, examples, integer } from '../command-action.js'
import { CliError, toCliError } from '../cli-error.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'
import { SignalRelay } from '../signal-relay.js'

const DEREGISTER_MS = 3000
/** Keys of the platform are for the operator, not for the app. */
const KEPT_FROM_THE_APP = ['PORTICO_API_KEY', 'PORTICO_BOOTSTRAP_API_KEY', 'PORTICO_MASTER_KEY', 'PORTICO_MASTER_KEY_PREVIOUS']
/** What a program is taken to read that does not say: two lines with one variable. */
const ONLY_THE_FIRST = ['AUTH_JWT_SECRET']

interface RunOptions {
  project?: string
  name?: string
  heartbeatSeconds?: number
  reads?: string[]
}

export function addRunCommand(program: Command, io: Io): void {
  program
    .command('run')
    .description('run a command as a runtime instance of a project, with its environment injected')
    .usage('[options] -- <command> [arguments...]')
    .argument('<command...>')
    .option('--project <id>')
    .option('--name <name>', 'shown in `portico instances list`', hostname())
    .option(
      '--reads <names>',
      'the variables the command reads, for a rotation to know (or PORTICO_READS; AUTH_JWT_SECRET alone when not said)',
      names,
    )
    .option('--heartbeat-seconds <n>', 'more often than the control plane asks for', integer('--heartbeat-seconds', 1, 300))
    .addHelpText(
      'after',
      `
Registers an instance, starts the command with the environment it was given on top of yours, sends heartbeats while it
runs, passes signals on, deregisters at the end and ends with the command's own exit code (128 + n for signal n,
127 when there is no such command). Nothing is written to disk. The command does not get PORTICO_API_KEY.
A command that checks tokens with AUTH_JWT_SECRET_NEXT too, as verifyToken of the SDKs does, says so with --reads: then a rotation of
the secret goes by unnoticed. Any other is named in the rotation's plan as one to restart right after the switch.
${examples('portico run --project proj_… -- node server.mjs', "portico run --project proj_… -- sh -c 'echo $AUTH_URL'", 'portico run --project proj_… --reads AUTH_JWT_SECRET,AUTH_JWT_SECRET_NEXT -- node server.mjs')}`,
    )
    .action(action<RunOptions>(io, run))
}

async function run(context: Context, options: RunOptions, args: unknown[]): Promise<void> {
  const relay = new SignalRelay(context.io.stdin.isTTY === true)
  try {
    process.exitCode = await runInstance(context, options, args[0] as [string, ...string[]], relay)
  } catch (error) {
    if (!relay.stopped.aborted) throw error
    process.exitCode = relay.exitCode
  } finally {
    relay.close()
  }
}

async function runInstance(
  context: Context,
  options: RunOptions,
  [command, ...args]: [string, ...string[]],
  relay: SignalRelay,
): Promise<number> {
  const project = context.projectId(options.project)
  const portico = context.platform()
  const { PORTICO_READS: readsOfEnv } = context.io.env
  const reads = options.reads ?? (readsOfEnv ? names(readsOfEnv) : ONLY_THE_FIRST)
  const details = { reads, ...(options.name === undefined ? {} : { name: options.name }) }
  const instance = await context.waitFor('Booting the instance', portico.instances.boot(project, details, { signal: relay.stopped }))
  context.output.note(
    `portico: instance ${instance.id}, environment ${instance.envVersion}: ${Object.keys(instance.env).join(', ') || 'no variables'}`,
  )

  let told = instance.envVersion
  const stopHeartbeats = startHeartbeats(context, options.heartbeatSeconds ?? instance.heartbeatSeconds, async () => {
    const { current, latestEnvVersion } = await portico.instances.heartbeat(project, instance.id, { reads, maxRetries: 1, timeoutMs: 5000 })
    if (current || latestEnvVersion === told) return
    told = latestEnvVersion
    context.output.note(`portico: there is a newer environment (${latestEnvVersion}); a restart takes it`)
  })
  try {
    relay.stopped.throwIfAborted()
    return await supervise(command, args, childEnv(context.io.env, instance.env), relay)
  } finally {
    stopHeartbeats()
    await portico.instances.end(project, instance.id, { maxRetries: 1, totalTimeoutMs: DEREGISTER_MS }).catch((error: unknown) => {
      context.output.warn(`the instance could not be deregistered; it is forgotten when its heartbeats stop. ${toCliError(error).message}`)
    })
  }
}

function names(value: string, before: readonly string[] = []): string[] {
  return [...new Set([...before, ...value.split(',').map((name) => name.trim()).filter((name) => name !== '')])]
}

function childEnv(own: NodeJS.ProcessEnv, injected: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...own }
  for (const name of KEPT_FROM_THE_APP) delete env[name]
  return { ...env, ...injected }
}

/** The command outlives any trouble with the control plane: that is told once, not once a heartbeat. */
function startHeartbeats(context: Context, everySeconds: number, beat: () => Promise<void>): () => void {
  let failing = false
  let stopped = false
  const timer = setInterval(
    () => {
      beat().then(
        () => {
          if (failing) context.output.note('portico: heartbeats arrive again')
          failing = false
        },
        (error: unknown) => {
          if (!failing && !stopped) context.output.warn(`a heartbeat failed; the command goes on. ${toCliError(error).message}`)
          failing = true
        },
      )
    },
    Math.max(1, everySeconds) * 1000,
  )
  return () => {
    stopped = true
    clearInterval(timer)
  }
}

function supervise(command: string, args: string[], env: NodeJS.ProcessEnv, relay: SignalRelay): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env, stdio: 'inherit' })
    relay.attach(child)
    child.once('error', (error: NodeJS.ErrnoException) => fail(cannotStart(command, error)))
    child.once('exit', (code, signal) => done(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

/** The exit codes that shells use. */
function cannotStart(command: string, error: NodeJS.ErrnoException): CliError {
  if (error.code === 'ENOENT') return new CliError('command_not_found', `There is no command "${command}".`, { exitCode: 127 })
  return new CliError('command_not_started', `"${command}" could not be started: ${error.message}`, { exitCode: 126 })
}
