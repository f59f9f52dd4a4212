import { ConnectorError } from '@mcpclient/core'
import type { SecretSource } from '@mcpclient/core/secrets'
import { gcpFailure } from './gcp-failure.ts'

/** The method of the `SecretManagerServiceClient` of [Google](https://www.npmjs.com/package/@google-cloud/secret-manager). */
export interface SecretManager {
  accessSecretVersion(request: { name: string }): Promise<readonly [SecretVersion, ...unknown[]]>
}

interface SecretVersion {
  readonly payload?: { readonly data?: Uint8Array | string | null | undefined } | null | undefined
}

/** The name of a secret. A regional one contains its location. */
const REFERENCE = /^projects\/[^/#]+\/(?:locations\/[^/#]+\/)?secrets\/[^/#]+(?<version>\/versions\/[^/#]+)?$/

/**
 * Reads `gcp-sm:projects/p/secrets/s` and `gcp-sm:projects/p/secrets/s/versions/v` references: a secret in Google Cloud
 * Secret Manager, by default its latest version, as a UTF-8 string.
 * https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
 *
 * Needs the permission `secretmanager.versions.access`, for example through the role Secret Manager Secret Accessor.
 *
 * @param client with its credentials; it retries as configured
 */
export function gcpSecrets(client: SecretManager): SecretSource {
  return {
    scheme: 'gcp-sm',
    async read(reference) {
      const { groups } = REFERENCE.exec(reference) ?? {}
      if (groups === undefined) {
        throw refusal(
          reference,
          'names no secret',
          'Write gcp-sm:projects/p/secrets/s, and /versions/v for an older one.',
        )
      }
      const name = groups['version'] === undefined ? `${reference}/versions/latest` : reference
      let answer: readonly [SecretVersion, ...unknown[]]
      try {
        answer = await client.accessSecretVersion({ name })
      } catch (error) {
        throw gcpFailure(reference, error)
      }
      return textOf(reference, answer[0].payload?.data ?? '')
    },
  }
}

function textOf(reference: string, data: Uint8Array | string): string {
  // A string is base64, the JSON form of bytes.
  const bytes = typeof data === 'string' ? Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0)) : data
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refusal(reference, 'holds bytes', 'Store the secret as text, binary secrets in base64.')
  }
}

const refusal = (reference: string, problem: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `gcp-sm:${reference} ${problem}.`, { hint })
