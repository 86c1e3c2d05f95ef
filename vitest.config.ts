import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // Tests run on the sources; `@portico/x/y` is libs/x/y.ts.
    alias: [
      {
        find: /^@portico\/dev-database\/(.+?)(?:\.js)?$/,
        replacement: new URL('./tools/dev-database/', import.meta.url).pathname + '$1.ts',
      },
      { find: /^@portico\/([^/]+)\/(.+?)(?:\.js)?$/, replacement: new URL('./libs/', import.meta.url).pathname + '$1/$2.ts' },
    ],
  },
  // Test files are outside the tsconfigs that say so, and controllers in tests need it.
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['libs/**/*.test.ts', 'apps/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    // Next.js is fetched for one test; where nobody did, `npm test` says that it was not run.
    exclude: ['**/node_modules/**', '**/dist/**', ...(process.env['PORTICO_NEXT_FOLDER'] ? [] : ['test/examples/next.test.ts'])],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Most files wait for timers, processes and each other more than they compute; Vitest's own choice on two cores is one. With three,
    // what meets a bound of the product (2 s for a connection) is the machine's fault now and then.
    maxWorkers: 2,
    // A file takes over the modules that the one before it has loaded, compiled and warm: half of the CPU time of test/http. Nothing in the
    // product keeps state in a module that two services of one process could not share; a test that finds some has found a defect.
    isolate: false,
    setupFiles: ['test/support/leave-nothing.ts'],
    // A net for what hangs, not a bound to test against: on a busy machine a test that starts ten processes takes 20 s.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest's own is one second.
    expect: { poll: { timeout: 10_000 } },
  },
})
