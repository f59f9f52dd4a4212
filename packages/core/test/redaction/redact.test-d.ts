import { expectTypeOf, test } from 'vitest'
import { redact, redactText } from '../../src/redaction/redact.ts'

test('what comes out of redact has another shape than what went in, so nothing is promised of it', () => {
  expectTypeOf(redact({ id: 1 })).toBeUnknown()
  expectTypeOf(redactText('text', new Set(['secret']))).toBeString()
  expectTypeOf(redactText).toBeCallableWith('text', ['secret'])
  // @ts-expect-error text only; for anything else there is redact
  redactText({ text: 'a' })
})
