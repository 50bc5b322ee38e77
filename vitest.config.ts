import { defineConfig } from 'vitest/config'

/** Where CI counts the tests from. */
const report = process.env['TEST_REPORT_FILE']

export default defineConfig({
  // The examples import the package by its name; here that is the source, so that a test needs no build.
  resolve: {
    alias: [
      { find: /^postern\/verify$/, replacement: `${import.meta.dirname}/src/verify/index.ts` },
      {
        find: /^postern\/verify\/providers\/(.+)$/,
        replacement: `${import.meta.dirname}/src/providers/definitions/$1.ts`,
      },
      { find: /^postern\/verify\/(.+)$/, replacement: `${import.meta.dirname}/src/verify/$1.ts` },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['test/crash/**', 'test/fixtures/**', 'node_modules/**', 'dist/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // More than the two cores of a small machine: many tests wait for a far side.
    maxWorkers: 3,
    // Of tests in one file that wait side by side for processes of their own.
    maxConcurrency: 3,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})
