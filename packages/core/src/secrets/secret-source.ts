import { ConnectorError } from '../errors/connector-error.ts'
import { ownEntry } from '../errors/own-entry.ts'

/**
 * Reads one kind of secret reference: from environment variables, files, a secret manager.
 *
 * A reference is a string such as `vault:kv/app#key`. `read` receives the part after `scheme:`, and returns the secret or
 * rejects with a `ConnectorError` that names the reference and what to do: `CONFIGURATION_ERROR` if the secret is missing
 * or access is denied, a retryable code if another attempt can help. An error must never contain a secret.
 */
export interface SecretSource {
  /** At least two characters: lower-case letters, digits, `+`, `.` and `-`, starting with a letter. */
  readonly scheme: string
  read(reference: string, options: { readonly signal?: AbortSignal | undefined }): Promise<string>
}

/**
 * Creates a source for `env:NAME` references.
 * @param variables the environment: `process.env`, `Deno.env.toObject()`, the `env` of a worker; read at each access
 */
export function envSecrets(variables: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    scheme: 'env',
    async read(name) {
      // Without `hasOwn`, env:constructor would exist.
      const secret = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (secret !== undefined) return secret
      throw new ConnectorError('CONFIGURATION_ERROR', `The environment variable ${name} is not set.`, {
        hint: `Set ${name} where the process is started.`,
      })
    },
  }
}

export interface SecretReference {
  readonly scheme: string
  /** The part after `scheme:`. */
  readonly rest: string
}

/** Schemes that count as references even without a source, and what to add for each. */
const knownSources: Readonly<Record<string, string>> = {
  env: 'Add envSecrets(process.env) of @mcpclient/core/secrets to the sources.',
  file: 'Add fileSecrets() of @mcpclient/core/node to the sources.',
  vault: 'Install @mcpclient/hashicorp-vault-secrets and add hashicorpVaultSecrets(client) to the sources.',
  'aws-sm': 'Install @mcpclient/aws-secrets and add awsSecrets(client) to the sources.',
  'gcp-sm': 'Install @mcpclient/gcp-secrets and add gcpSecrets(client) to the sources.',
  'azure-kv': 'Install @mcpclient/azure-secrets and add azureSecrets(client) to the sources.',
}

const SCHEME = /^[a-z][a-z0-9+.-]+$/
/** `scheme://` is a URL, and a space after the colon makes it a sentence. */
const REFERENCE = /^([a-z][a-z0-9+.-]+):(?!\/\/)(\S.*)$/

/** Recognizes references, and finds the source of each. */
export class SecretSources {
  readonly #sources = new Map<string, SecretSource>()

  /** @throws ConnectorError CONFIGURATION_ERROR if a scheme is invalid, or two sources have the same */
  constructor(sources: readonly SecretSource[]) {
    for (const source of sources) {
      if (!SCHEME.test(source.scheme)) {
        throw new ConnectorError('CONFIGURATION_ERROR', `"${source.scheme}" is not a valid scheme of a secret source.`)
      }
      if (this.#sources.has(source.scheme)) {
        throw new ConnectorError('CONFIGURATION_ERROR', `Two sources read ${source.scheme}: references.`, {
          hint: 'Remove one of them.',
        })
      }
      this.#sources.set(source.scheme, source)
    }
  }

  /** Parses a reference. Returns undefined for any other string: a URL, a sentence, a plain secret. */
  parse(text: string): SecretReference | undefined {
    const [, scheme, rest] = REFERENCE.exec(text) ?? []
    if (scheme === undefined || rest === undefined) return undefined
    return this.#sources.has(scheme) || Object.hasOwn(knownSources, scheme) ? { scheme, rest } : undefined
  }

  /**
   * Returns the source of a reference.
   * @throws ConnectorError CONFIGURATION_ERROR if there is none
   */
  sourceOf({ scheme }: SecretReference): SecretSource {
    const source = this.#sources.get(scheme)
    if (source !== undefined) return source
    throw new ConnectorError('CONFIGURATION_ERROR', `No source reads ${scheme}: references.`, {
      hint: ownEntry(knownSources, scheme),
    })
  }

  get schemes(): readonly string[] {
    return [...new Set([...this.#sources.keys(), ...Object.keys(knownSources)])]
  }
}
