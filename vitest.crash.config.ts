import { defineConfig } from 'vitest/config'

/** Where CI counts the tests from. */
const report = process.env['TEST_REPORT_FILE']

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    include: ['test/crash/**/*.test.ts'],
    globalSetup: ['test/crash/build-first.ts'],
    // Each case kills processes of its own and watches the clock of leases: two at once would only slow both.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
})
