import { expectTypeOf, it } from 'vitest'
import { redact, redactText } from '../../src/redaction/redact.ts'

it('promises no type for the result of redact', () => {
  expectTypeOf(redact({ id: 1 })).toBeUnknown()
  expectTypeOf(redactText('text', new Set(['secret']))).toBeString()
  expectTypeOf(redactText).toBeCallableWith('text', ['secret'])
  // @ts-expect-error a string is required; redact takes anything else
  redactText({ text: 'a' })
})
