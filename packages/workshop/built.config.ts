import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// The suite over what would be published. It resolves packages as a host does: no source condition.
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    name: 'built',
    include: ['packages/workshop/test/built/**/*.test.ts'],
    globalSetup: 'packages/workshop/test/built/global-set-up.ts',
    testTimeout: 60_000,
  },
})
