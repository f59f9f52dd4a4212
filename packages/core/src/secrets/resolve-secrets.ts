import { ConnectorError } from '../errors/connector-error.ts'
import type { Issue } from '../errors/connector-error.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { readSecret } from './read-secret.ts'
import { SecretSources } from './secret-source.ts'
import type { SecretReference, SecretSource } from './secret-source.ts'

const TIMEOUT_MS = 10_000

export interface ResolveSecretsOptions {
  readonly sources: readonly SecretSource[]
  /**
   * Timeout for each reference.
   * @default 10_000
   */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** @default the system's clock */
  readonly clock?: Clock | undefined
}

/**
 * Returns a copy of a configuration in which every secret reference is replaced by its secret.
 *
 * A reference is a whole string such as `env:SLACK_TOKEN`, `file:/run/secrets/slack`, `vault:kv/data/app#key`,
 * `aws-sm:app#key`, `gcp-sm:projects/p/secrets/s` or `azure-kv:name`, or has the scheme of another source. URLs
 * (`https://…`), sentences and all other strings are copied unchanged, and so are values other than plain objects and
 * lists. All references are read concurrently, each once.
 *
 * @param value plain objects and lists, nested to any depth; not changed
 * @throws ConnectorError one error for all references that cannot be read, with the path and the reason of each in
 *   `details.issues`: `CONFIGURATION_ERROR`, or a retryable code if a retry is all that is needed. Contains no secret.
 */
export async function resolveSecrets<Value>(value: Value, options: ResolveSecretsOptions): Promise<Value> {
  const { timeoutMs = TIMEOUT_MS, clock = systemClock, signal } = options
  const sources = new SecretSources(options.sources)
  const found = new Map<string, Found>()
  const root: { value?: unknown } = {}
  copy(value, { sources, found, copies: new Map() }, '', (copied) => (root.value = copied))

  const reads = await Promise.all(
    [...found].map(async ([text, { reference, places }]) => {
      try {
        const secret = await readSecret(reference, { sources, clock, timeoutMs, signal })
        for (const { write } of places) write(secret)
        return []
      } catch (error) {
        return places.map(({ path }): Failure => ({ path, text, error: error as ConnectorError }))
      }
    }),
  )
  const failures = reads.flat()
  if (failures.length > 0) throw failureOf(failures, found.size)
  return root.value as Value
}

interface Found {
  readonly reference: SecretReference
  readonly places: { readonly path: string; readonly write: Write }[]
}

interface Failure {
  readonly path: string
  readonly text: string
  readonly error: ConnectorError
}

type Write = (value: unknown) => void

interface Copying {
  readonly sources: SecretSources
  readonly found: Map<string, Found>
  /** A configuration may contain an object twice, or be circular. */
  readonly copies: Map<object, object>
}

/** Copies a value, and collects the places of each reference. */
function copy(value: unknown, copying: Copying, path: string, write: Write): void {
  if (typeof value === 'string') {
    const reference = copying.sources.parse(value)
    if (reference === undefined) return write(value)
    const known = copying.found.get(value)
    if (known) known.places.push({ path, write })
    else copying.found.set(value, { reference, places: [{ path, write }] })
    return
  }
  if (!isPlain(value)) return write(value)
  const seen = copying.copies.get(value)
  if (seen !== undefined) return write(seen)
  const copied: object = Array.isArray(value)
    ? []
    : (Object.create(Object.getPrototypeOf(value) as object | null) as object)
  copying.copies.set(value, copied)
  write(copied)
  for (const [name, item] of Object.entries(value)) {
    const inner = path === '' ? name : `${path}.${name}`
    // Not an assignment, because a field may be named __proto__.
    const writeField: Write = (field) =>
      void Object.defineProperty(copied, name, { value: field, writable: true, enumerable: true, configurable: true })
    // Keeps the order of the fields until the secret is written.
    writeField(undefined)
    copy(item, copying, inner, writeField)
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  // The Object.prototype of another realm has a null prototype too.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function failureOf(failures: readonly Failure[], references: number): ConnectorError {
  const errors = failures.map(({ error }) => error)
  const cancelled = errors.find(({ code }) => code === 'CANCELLED')
  if (cancelled !== undefined) return cancelled
  const issues = failures.map(({ path, text, error }): Issue => {
    return { path, message: `${text}: ${error.message} ${error.advice}` }
  })
  const reasons = failures.map(({ path, text, error }) => `${path === '' ? 'It' : path} (${text}): ${error.message}`)
  const unread = new Set(failures.map(({ text }) => text)).size
  return new ConnectorError(
    // Retryable only if every failure is.
    (errors.find((error) => !error.retryable) ?? errors[0])?.code ?? 'CONFIGURATION_ERROR',
    `${unread} of ${references} secret references cannot be read. ${reasons.join(' ')}`,
    { issues, hint: [...new Set(errors.map(({ advice }) => advice))].join(' ') },
    { cause: new AggregateError(errors) },
  )
}
