import { ConnectorError } from '@mcpclient/core'
import type { Issue } from '@mcpclient/core'
import type { Delivery, Schema } from '@mcpclient/core/define'
import { readForm } from './verification/form.ts'

/** Opens a verified delivery for reading. */
export function openDelivery(
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
  channels: readonly string[] = [],
): Delivery {
  return {
    bytes,
    channels,
    header(name, absent) {
      const value = headers.get(name) ?? absent
      if (value === undefined) throw unreadable(`has no header ${name}`)
      return value
    },
    json: (schema) => parsed(schema, jsonIn(bytes)),
    form: (schema) => {
      const fields = readForm(bytes)
      if (fields === undefined) throw unreadable('is no form in UTF-8')
      const values = Map.groupBy(fields, ([name]) => name)
      const entries = [...values].map(([name, pairs]): [string, string | string[]] => {
        const [first = '', ...others] = pairs.map(([, value]) => value)
        return [name, others.length === 0 ? first : [first, ...others]]
      })
      return parsed(schema, Object.fromEntries(entries))
    },
  }
}

function jsonIn(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('is not UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the body.
    throw unreadable('is not JSON')
  }
}

function parsed<Output>(schema: Schema<Output>, value: unknown): Output {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues: readonly Issue[] = result.error.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
  throw unreadable('does not fit the schema', issues)
}

const MAX_ISSUES = 20

const unreadable = (problem: string, issues?: readonly Issue[]): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `The webhook delivery ${problem}.`, {
    ...(issues && { issues }),
    hint: 'Compare the schema with the documentation of the provider.',
  })
