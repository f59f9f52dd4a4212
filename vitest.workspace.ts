import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@mcpclient/source', 'node']
const unitTest = {
  // How long a real peer takes to start says nothing of us.
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // What tests start are programs of this workspace, over and over.
  env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
}
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } }

export default defineConfig({
  test: {
    // Many tests wait for a process or for a token to end; on a machine with two cores vitest would run one file at a time.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        ...fromSource,
        test: {
          name: 'core',
          ...unitTest,
          // More than a hundred files that touch no process: loading core once for all takes a third of the time.
          isolate: false,
          include: ['packages/core/test/**/*.test.ts'],
        },
      },
      {
        ...fromSource,
        test: {
          name: 'unit',
          ...unitTest,
          include: ['packages/**/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            'packages/core/test/**',
            'packages/{connectors,families,shapes}/**',
            'packages/workshop/test/built/**',
          ],
        },
      },
      {
        ...fromSource,
        test: {
          name: 'connectors',
          ...unitTest,
          // As core: each file would load core and zod again.
          isolate: false,
          include: ['packages/{connectors,families,shapes}/**/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
        },
      },
      {
        ...fromSource,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/**/test/**/*.test-d.ts'],
            tsconfig: 'packages/workshop/tsconfig/type-tests.json',
            // Errors in sources are for `npm run types` to report, once.
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
})
