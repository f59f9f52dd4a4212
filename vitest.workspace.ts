import { defineConfig } from 'vitest/config'

const conditions = ['@mcpclient/source', 'node']
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } }

export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['packages/**/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'packages/workshop/test/built/**'],
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
