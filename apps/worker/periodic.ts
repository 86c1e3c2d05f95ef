import type { Logger } from '@portico/http/request-log'

export interface Periodic {
  /** Begins no new run; resolves when the one in work is over. */
  stop(): Promise<void>
}

/** Runs `task` every `everyMs`, never twice at once; a failure is logged and the next run comes as usual. */
export function runPeriodically(
  name: string,
  everyMs: number,
  logger: Logger,
  task: (isStopping: () => boolean) => Promise<unknown>,
): Periodic {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const run = async () => {
    try {
      await task(() => stopped)
    } catch (error) {
      logger.warn({ task: name, err: error }, 'a periodic task failed')
    }
    schedule()
  }
  const schedule = () => {
    if (stopped) return
    timer = setTimeout(() => {
      running = run()
    }, everyMs)
    timer.unref()
  }
  schedule()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
