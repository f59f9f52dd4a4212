import type { Schema } from '@mcpclient/core/define'
import * as z from 'zod'

/** A message that Pub/Sub pushed. */
export interface PubSubMessage<Data> {
  /** The same in every repetition. */
  readonly id: string
  readonly data: Data
}

/**
 * Returns the schema of a request that Pub/Sub pushes. It unwraps the message and parses its data as JSON.
 *
 * Source: https://cloud.google.com/pubsub/docs/push
 * @param data the schema of the data
 */
export const pubSubMessage = <Data>(data: Schema<Data>): Schema<PubSubMessage<Data>> =>
  z
    .object({ message: z.object({ messageId: z.string().min(1), data: z.string() }) })
    .transform(({ message }, context) => {
      const parsed = data.safeParse(jsonIn(message.data))
      if (parsed.success) return { id: message.messageId, data: parsed.data }
      context.addIssue({ code: 'custom', path: ['message', 'data'], message: 'It is not the expected JSON in base64.' })
      return z.NEVER
    })

/** Parses JSON in base64 or base64url. Returns undefined for anything else. */
function jsonIn(text: string): unknown {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch {
    return undefined
  }
}
