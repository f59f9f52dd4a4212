import { ConnectorError } from '../errors/connector-error.ts'
import { ownEntry } from '../errors/own-entry.ts'
import type { SecretSource } from './secret-source.ts'

export interface SecretReference {
  readonly scheme: string
  /** What stands behind `scheme:`. */
  readonly rest: string
}

/** The schemes that are references even where no source was given, and who reads them. */
const knownSources: Readonly<Record<string, string>> = {
  env: 'Add envSecrets(process.env) of @mcpclient/core to the sources.',
  file: 'Add fileSecrets() of @mcpclient/core/node to the sources.',
  vault: 'Install @mcpclient/hashicorp-vault-secrets and add hashicorpVaultSecrets(client) to the sources.',
  'aws-sm': 'Install @mcpclient/aws-secrets and add awsSecrets(client) to the sources.',
  'gcp-sm': 'Install @mcpclient/gcp-secrets and add gcpSecrets(client) to the sources.',
  'azure-kv': 'Install @mcpclient/azure-secrets and add azureSecrets(client) to the sources.',
}

const SCHEME = /^[a-z][a-z0-9+.-]+$/
/** `scheme://` is a URL, and a space behind the colon makes a sentence. */
const REFERENCE = /^([a-z][a-z0-9+.-]+):(?!\/\/)(\S.*)$/

/** Tells references from ordinary text, and finds the source of each. */
export class SecretSources {
  readonly #sources = new Map<string, SecretSource>()

  /** @throws ConnectorError CONFIGURATION_ERROR if a scheme cannot be one, or is read by two sources */
  constructor(sources: readonly SecretSource[]) {
    for (const source of sources) {
      if (!SCHEME.test(source.scheme)) {
        throw new ConnectorError('CONFIGURATION_ERROR', `"${source.scheme}" cannot be the scheme of a secret source.`)
      }
      if (this.#sources.has(source.scheme)) {
        throw new ConnectorError(
          'CONFIGURATION_ERROR',
          `Two sources read ${source.scheme}: references. Leave one of them out.`,
        )
      }
      this.#sources.set(source.scheme, source)
    }
  }

  /** Undefined for text that is no reference: a URL, a sentence, a secret written out. */
  parse(text: string): SecretReference | undefined {
    const [, scheme, rest] = REFERENCE.exec(text) ?? []
    if (scheme === undefined || rest === undefined) return undefined
    return this.#sources.has(scheme) || Object.hasOwn(knownSources, scheme) ? { scheme, rest } : undefined
  }

  /** @throws ConnectorError CONFIGURATION_ERROR if no source reads this scheme */
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
