/** Rejects when the work takes longer; the work itself goes on. */
export async function withTimeLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('the counter store took longer than its time limit')), limitMs)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
