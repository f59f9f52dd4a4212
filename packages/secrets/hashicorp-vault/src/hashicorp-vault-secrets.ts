import { ConnectorError } from '@mcpclient/core'
import type { SecretSource } from '@mcpclient/core/secrets'
import { hashicorpVaultFailure } from './hashicorp-vault-failure.ts'

/** The part of a [node-vault](https://www.npmjs.com/package/node-vault) client that reads secrets. */
export interface HashicorpVaultClient {
  read(path: string): Promise<unknown>
}

/**
 * Reads `vault:path#key` references from a key/value engine of HashiCorp Vault or OpenBao.
 *
 * The path is the path in Vault's HTTP API: `vault:kv/app#key` in version 1 of the engine, `vault:kv/data/app#key` in
 * version 2. `#key` is optional if the secret has exactly one field.
 * https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
 *
 * @param client a node-vault client with an address and a token; the host renews the token
 */
export function hashicorpVaultSecrets(client: HashicorpVaultClient): SecretSource {
  const reading = new Map<string, Promise<unknown>>()
  // Fields that are read together come from one response, so that user and password have the same version.
  const readOnce = (path: string): Promise<unknown> => {
    const running = reading.get(path)
    if (running !== undefined) return running
    const answer = client.read(path).finally(() => reading.delete(path))
    reading.set(path, answer)
    return answer
  }
  return {
    scheme: 'vault',
    async read(reference) {
      const [path = '', key] = reference.split(/#(.*)/)
      if (path === '') throw refusal(reference, 'names no path', 'Write vault:path#key, such as vault:kv/data/app#key.')
      let answer: unknown
      try {
        answer = await readOnce(path)
      } catch (error) {
        throw hashicorpVaultFailure(reference, path, error)
      }
      return fieldOf(reference, fieldsIn(answer), key)
    },
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Version 2 of the engine wraps the fields again, beside the metadata of the version. */
function fieldsIn(answer: unknown): Fields {
  const data = member(answer, 'data')
  const inner = member(data, 'data')
  const versioned = isObject(inner) && isObject(member(data, 'metadata'))
  if (versioned) return inner
  return isObject(data) ? data : {}
}

function fieldOf(reference: string, fields: Fields, key: string | undefined): string {
  const names = Object.keys(fields)
  const name = key ?? (names.length === 1 ? names[0] : undefined)
  if (name === undefined || !Object.hasOwn(fields, name)) {
    const problem =
      name === undefined ? `has ${names.length} fields, and the reference names none` : 'has no such field'
    throw new ConnectorError('CONFIGURATION_ERROR', `vault:${reference} ${problem}.`, {
      hint: `Write the name of a field behind #: ${names.join(', ') || 'the secret has none yet'}.`,
      choices: names,
    })
  }
  const value = fields[name]
  if (typeof value === 'string') return value
  throw refusal(reference, 'is no text', 'Store the secret as a string; Vault keeps numbers and objects as they are.')
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const member = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)

const refusal = (reference: string, problem: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `vault:${reference} ${problem}.`, { hint })
