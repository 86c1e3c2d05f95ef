// Loaded into a service under test (`--expose-gc --import`): asked by SIGUSR2 it collects everything, and says what is left.
process.on('SIGUSR2', () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  console.log(`in use ${heapUsed + external} bytes`)
})
