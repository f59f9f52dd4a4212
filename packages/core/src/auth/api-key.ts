import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialField, CredentialSettings } from './credential-fields.ts'

/**
 * Sends an API key in a header or, if the provider supports nothing else, in the JSON body or the query.
 * @param options.header header that carries the key, such as `X-Subscription-Token`
 * @param options.prefix string before the key in that header
 * @param options.member member of the JSON body that carries the key; every request of the connector needs such a body
 * @param options.query query parameter that carries the key; the runtime redacts it in logs and errors
 * @param options.settings settings that follow from the key, such as the region at its end
 */
export function apiKey(
  options: (
    | { readonly header: string; readonly prefix?: string }
    | { readonly member: string }
    | { readonly query: string }
  ) & {
    readonly holders?: readonly Holder[]
    readonly description?: string
    readonly settings?: CredentialSettings<{ readonly apiKey: string }>
  },
): AuthStrategy<{ readonly apiKey: CredentialField }> {
  return {
    kind: 'api-key',
    fields: { apiKey: { label: 'API key', secret: true, description: options.description } },
    holders: options.holders ?? anyHolder,
    settings: options.settings,
    sign(_request, { apiKey: key }) {
      if ('query' in options) return { query: { [options.query]: key } }
      if ('member' in options) return { members: { [options.member]: key } }
      return { headers: { [options.header.toLowerCase()]: (options.prefix ?? '') + key } }
    },
  }
}
