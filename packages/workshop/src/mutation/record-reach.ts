import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, expect } from 'vitest'
import { PLAN_VARIABLE, readPlan } from './plan.ts'

// A setup file of vitest: it runs in the worker of each test file, before the file is loaded.
const { reachFolder } = readPlan(process.env[PLAN_VARIABLE])
if (reachFolder !== undefined) {
  const reached = new Set<number>()
  Object.assign(globalThis, { __reached: (id: number) => void reached.add(id) })
  afterAll(() => {
    const { testPath = '' } = expect.getState()
    const name = createHash('sha256').update(testPath).digest('hex').slice(0, 16)
    writeFileSync(join(reachFolder, `${name}.json`), JSON.stringify({ testPath, reached: [...reached] }))
  })
}
