import { join } from 'node:path'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { PLAN_VARIABLE, readPlan } from './src/mutation/plan.ts'

const { texts } = readPlan(process.env[PLAN_VARIABLE])
const conditions = ['@mcpclient/source', 'node']

// The unit tests over changed sources: what vite loads from a plan, no other process sees.
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  plugins: [{ name: 'mutation', enforce: 'pre', load: (id) => texts[id] }],
  test: {
    name: 'mutation',
    // The cache knows a module by its file on disk, which a plan replaces.
    fsModuleCache: false,
    // A slow machine must not look like a killed mutant.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['packages/{core,mcp,testing,webhooks,secrets,stores,connectors,jobs}/**/test/**/*.test.ts'],
    setupFiles: ['packages/workshop/src/mutation/record-reach.ts'],
  },
})
