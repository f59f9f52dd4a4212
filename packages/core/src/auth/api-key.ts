import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialField } from './credential-fields.ts'

/**
 * A key in a header or, for providers that know no better, in the query.
 * @param options.header header that takes the key, such as `X-Subscription-Token`
 * @param options.prefix text before the key in that header
 * @param options.query query parameter that takes the key; the runtime keeps it out of every log and error
 */
export function apiKey(
  options: ({ readonly header: string; readonly prefix?: string } | { readonly query: string }) & {
    readonly holders?: readonly Holder[]
    readonly description?: string
  },
): AuthStrategy<{ readonly apiKey: CredentialField }> {
  return {
    kind: 'api-key',
    fields: { apiKey: { label: 'API key', secret: true, description: options.description } },
    holders: options.holders ?? anyHolder,
    sign: (_request, { apiKey: key }) =>
      'query' in options
        ? { query: { [options.query]: key } }
        : { headers: { [options.header.toLowerCase()]: (options.prefix ?? '') + key } },
  }
}
