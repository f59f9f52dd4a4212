import { expect, it } from 'vitest'
import { noticesOf } from '../src/inlined.ts'

it('names every copied package above its licence, and prints a shared licence once', () => {
  const notices = noticesOf([
    { name: 'p-two', version: '2.0.0', license: 'Copyright Ada' },
    { name: 'other', version: '1.0.0', license: 'Copyright Grace' },
    { name: 'p-one', version: '1.2.3', license: 'Copyright Ada' },
  ])
  expect(notices).toMatch(/other 1\.0\.0\n\nCopyright Grace\n\n-+\n\np-one 1\.2\.3\np-two 2\.0\.0\n\nCopyright Ada\n$/)
  expect(notices.match(/Copyright Ada/g)).toHaveLength(1)
})
