import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bundledSize } from '../src/cold/bundled-size.ts'

const folder = join(import.meta.dirname, '..')

it('counts a package that is imported late, but not at the start', async () => {
  const size = await bundledSize({ source: `console.log(await import('ky'))` }, folder)
  expect(size.reachableBytes).toBeGreaterThan(size.startBytes + 1000)
  expect(size.oneFileBytes).toBeGreaterThan(1000)
})

it('does not count a package that only dropped code imports', async () => {
  const size = await bundledSize({ source: `const unused = () => import('ky')\nconsole.log('used')` }, folder)
  expect(size.reachableBytes).toBe(size.startBytes)
  expect(size.oneFileBytes).toBeLessThan(200)
})

it('does not count an external package', async () => {
  const source = `import ky from 'ky'\nconsole.log(ky)`
  const size = await bundledSize({ source, external: ['ky'] }, folder)
  expect(size.startBytes).toBeLessThan(200)
  expect((await bundledSize({ source }, folder)).startBytes).toBeGreaterThan(1000)
})
