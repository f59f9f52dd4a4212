import { DefinedClient, withClient } from '@mcpclient/core'
import { customAuth, defineConnector } from '@mcpclient/core/define'
import type { AuthStrategy, TypesOfFactory } from '@mcpclient/core/define'
import { definition } from '../notes-connector.ts'
import type { BrokenConnector, Invocation } from './broken-connector.ts'

const leakyAuth = (sign: AuthStrategy['sign']) =>
  defineConnector({
    ...definition,
    auth: customAuth({ kind: 'leaky', fields: { token: { label: 'Token', secret: true } }, sign }),
  })

let kept: string | undefined
let signedWith: string | undefined

const showing = leakyAuth((_request, { token = '' }) => {
  signedWith = token
  return { headers: { authorization: `Bearer ${token}` } }
})

export const secrets: readonly BrokenConnector[] = [
  {
    mistake: 'a signature that names a bad token',
    factory: leakyAuth((_request, { token = '' }) => {
      if (/\s/.test(token)) throw new Error(`The token "${token}" has a space in it.`)
      return { headers: { authorization: `Bearer ${token}` } }
    }),
    found: ['redaction: signing never leaks the credential'],
    sentence: /sign\(\) throws an error that holds the credential/,
  },
  {
    mistake: 'a client that shows what it signed with',
    factory: withClient(
      showing,
      class extends DefinedClient<TypesOfFactory<typeof showing>> {
        override async invoke(...asked: Invocation): Promise<unknown> {
          return super.invoke(...asked).catch((error: unknown) => {
            if (error instanceof Error) Object.defineProperty(error, 'debug', { value: { signedWith } })
            throw error
          })
        }
      },
    ),
    found: ['redaction: a credential that the provider repeats never leaks'],
    sentence:
      /create_note: it comes out in the error that a caller gets, when it is repeated by the body of a 400 and \d+ more/,
  },
  {
    mistake: 'a signature that is kept',
    factory: leakyAuth((_request, { token = '' }) => ({ headers: { authorization: (kept ??= `Bearer ${token}`) } })),
    found: ['tenants: sign() uses the credential that it receives'],
    sentence: /sign\(\) gives two credentials the same signature/,
  },
  {
    mistake: 'a signature that is kept, in use',
    factory: leakyAuth((_request, { token = '' }) => ({ headers: { authorization: (kept ??= `Bearer ${token}`) } })),
    found: ['tenants: two tenants at once never share a credential or a response'],
    sentence: /A request of bob carries the credential of ada/,
  },
]
