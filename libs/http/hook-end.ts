/** Ends a callback hook when `work` is over: for hooks that rarely wait, since an async one makes every request wait a turn. */
export function endAfter(work: Promise<unknown>, done: (error?: Error) => void): void {
  void (async () => {
    try {
      await work
    } catch (error) {
      return done(error as Error)
    }
    done()
  })()
}
