import type { LogFields, Logger } from '@mcpclient/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactingLogger } from '../../src/redaction/redacting-logger.ts'
import { redact } from '../../src/redaction/redact.ts'

const TOKEN = 'xoxb-1234567890-abcdefghijklmnop'

interface Line {
  readonly line: LogFields
  readonly text: string
}

function recordingLogger(): { readonly logger: Logger; readonly lines: readonly Line[] } {
  const lines: Line[] = []
  const write = (line: LogFields, text: string) => void lines.push({ line, text })
  return { logger: redactingLogger({ debug: write, info: write, warn: write, error: write }), lines }
}

/** Returns what a logger gets for a line. */
function logged(fields: LogFields, message = 'A call succeeded.'): Line {
  const { logger, lines } = recordingLogger()
  logger.info(fields, message)
  const [only] = lines
  if (only === undefined) throw new Error('Nothing was logged.')
  return only
}

describe('redactingLogger', () => {
  it('passes an ordinary line as it is, in a copy', () => {
    const fields = { event: 'call.finished', tenant: 'ada', durationMs: 12.5, user: undefined, cached: true }
    expect(logged(fields)).toEqual({ line: fields, text: 'A call succeeded.' })
    expect(logged(fields).line).not.toBe(fields)
  })

  it('leaves out undefined fields, which a console would print', () => {
    const line = { tenant: 'ada', error: { code: 'TIMEOUT' } }
    expect(logged({ user: undefined, tenant: 'ada', error: { hint: undefined, code: 'TIMEOUT' } }).line).toStrictEqual(
      line,
    )
  })

  it('passes the line of a failure as it is, in a copy', () => {
    const details = { outcome: 'not_processed', retryAfterMs: 1000, hint: undefined }
    const fields = { event: 'call.finished', error: { code: 'CIRCUIT_OPEN', retryable: true, details } }
    const { line } = logged(fields)
    expect(line).toEqual(fields)
    expect(line['error']).not.toBe(fields.error)
    expect((line['error'] as typeof fields.error).details).not.toBe(details)
  })

  it('redacts any line as redact() does, also after many others', () => {
    const text = fc.constantFrom(
      'ada',
      'not_processed',
      'A call failed: try again.',
      TOKEN,
      `Bearer ${TOKEN}`,
      'x'.repeat(300),
    )
    const name = fc.constantFrom('event', 'error', 'details', 'token', 'name', 'value', 'kty', 'd', 'tokens', TOKEN)
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.constantFrom(5, true, null, undefined),
        tie('object'),
        fc.array(text, { maxLength: 2 }),
      ),
      object: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    }))
    const { logger, lines } = recordingLogger()
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }), (fields) => {
        logger.info(fields, 'A call failed.')
        expect(lines.at(-1)?.line).toEqual(redact(fields))
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[string, LogFields]>([
    ['a secret under an ordinary name', { requestId: TOKEN }],
    ['a secret inside of a sentence', { reason: `The token ${TOKEN} was refused.` }],
    ['a short secret under a sensitive name', { password: 'hunter2' }],
    ['a number under a sensitive name', { pin: 1, otp: 123456 }],
    ['a labelled value', { name: 'Authorization', value: 'abc' }],
    ['a JSON Web Key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a secret in the details of an error', { error: { code: 'TIMEOUT', details: { hint: `Bearer ${TOKEN}` } } }],
    ['a secret under a sensitive name in an error', { error: { details: { otp: 'hunter2' } } }],
    ['a secret far down', { a: { b: { c: { d: { e: TOKEN } } } } }],
    ['a nested secret', { error: { message: `Bearer ${TOKEN}` } }],
    ['a secret in a list', { list: [TOKEN] }],
    ['a name that is a secret', { [TOKEN]: 1 }],
    ['a long string with a secret at its end', { text: `${'word '.repeat(50)}${TOKEN}` }],
    ['a class of its own', Object.assign(Object.create({ inherited: true }) as object, { token: TOKEN })],
  ])('redacts %s as redact() does', (_, fields) => {
    const { line } = logged(fields)
    expect(line).toEqual(redact(fields))
    expect(JSON.stringify(line)).not.toMatch(/xoxb|hunter2|123456|abc|c2VjcmV0/)
  })

  it('reads a getter once', () => {
    let reads = 0
    const fields = {
      get tenant() {
        return ++reads === 1 ? 'ada' : TOKEN
      },
    }
    expect(logged(fields).line).toEqual({ tenant: 'ada' })
  })

  it('shows the other fields if a getter throws', () => {
    const fields = {
      tenant: 'ada',
      get broken(): string {
        throw new Error('broken')
      },
    }
    expect(logged(fields).line).toEqual({ tenant: 'ada', broken: '[unreadable]' })
  })

  it('redacts the message', () => {
    expect(logged({}, `Bearer ${TOKEN}`).text).not.toContain('xoxb')
  })
})
