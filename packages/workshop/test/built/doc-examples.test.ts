import { expect, it } from 'vitest'
import { compile, examplesOfPages } from '../../src/doc-examples.ts'
import { root } from '../../src/tree.ts'

it('compiles the examples of the pages with the options of an app that sets strict alone', { timeout: 400_000 }, () => {
  const options = { exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false }
  expect(compile(root, examplesOfPages(root), options)).toEqual([])
})
