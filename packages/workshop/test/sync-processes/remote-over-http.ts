import { Agent, request } from 'node:http'
import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import type { Remote, RemoteTraits } from '@mcpclient/sync'
import type { ProviderCall, ProviderReply } from './provider-server.ts'

export const TRAITS: RemoteTraits = { fields: ['title', 'place'], conditionalWrites: true, removals: 'fed' }

/**
 * Creates the provider's port over HTTP.
 * @param around returns the call to send; a crash in it kills this process
 */
export function remoteOverHttp(url: string, around: (call: ProviderCall) => ProviderCall): Remote {
  const agent = new Agent({ keepAlive: true })
  const send = <Value>(method: ProviderCall['method'], ...parameters: readonly unknown[]): Promise<Value> =>
    new Promise((resolve, reject) => {
      const sent = request(url, { agent, method: 'POST' }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.once('error', reject)
        response.once('end', () => {
          const reply = JSON.parse(text) as ProviderReply
          if ('error' in reply) reject(new ConnectorError(reply.error as ErrorCode, 'The provider failed.'))
          else resolve(reply.value as Value)
        })
      })
      sent.once('error', reject)
      sent.end(JSON.stringify(around({ method, parameters })))
    })
  return {
    traits: TRAITS,
    newId: (seed) => `e${seed}`,
    pull: ({ since, page }) => send('pull', { since, page }),
    get: (id) => send('get', id),
    create: (item, { id, marker }) => send('create', item, { id, marker }),
    update: (id, changes, { version }) => send('update', id, changes, { version }),
    remove: (id, { version }) => send('remove', id, { version }),
  }
}
