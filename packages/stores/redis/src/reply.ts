import { ConnectorError } from '@mcpclient/core'

/** @throws {@link ConnectorError} `CONFIGURATION_ERROR` if the driver is configured to return another type than string */
export function textIn(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined
  if (typeof reply === 'string') return reply
  throw new ConnectorError('CONFIGURATION_ERROR', 'The Redis client does not return strings.', {
    hint: 'Pass a client without a type mapping.',
  })
}

export function textsIn(reply: unknown): readonly (string | undefined)[] {
  return Array.isArray(reply) ? reply.map(textIn) : []
}

export const numberIn = (reply: unknown): number => Number(reply)

export const numbersIn = (reply: unknown): readonly number[] => (Array.isArray(reply) ? reply.map(numberIn) : [])
