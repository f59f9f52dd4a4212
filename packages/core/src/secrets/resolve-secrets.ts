import { ConnectorError } from '../errors/connector-error.ts'
import type { Issue } from '../errors/connector-error.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { readSecret } from './read-secret.ts'
import { SecretSources } from './secret-reference.ts'
import type { SecretReference } from './secret-reference.ts'
import type { SecretSource } from './secret-source.ts'

const TIMEOUT_MS = 10_000

export interface ResolveSecretsOptions {
  readonly sources: readonly SecretSource[]
  /** Milliseconds for each reference; 10,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Time for `timeoutMs`; default: the system's. */
  readonly clock?: Clock | undefined
}

/**
 * A copy of a configuration with each secret reference replaced by its secret.
 *
 * A reference is a whole string such as `env:SLACK_TOKEN`, `file:/run/secrets/slack`, `vault:kv/data/app#key`,
 * `aws-sm:app#key`, `gcp-sm:projects/p/secrets/s` or `azure-kv:name`, or of the scheme of another source. URLs
 * (`https://…`), sentences and all other text stay as they are; so do values that are no plain objects or lists. Every
 * reference is read once, all at the same time.
 *
 * @param value plain objects and lists, nested as you like; it is not changed
 * @throws ConnectorError one for all that cannot be read, with a place and a reason each in `details.issues`:
 *   `CONFIGURATION_ERROR`, or a retryable code if nothing but trying again is needed. It holds no secret.
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
  /** A configuration may hold one object twice, or itself. */
  readonly copies: Map<object, object>
}

/** Writes what is no reference at once, and notes where each secret belongs. */
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
    // Not an assignment: a field named __proto__ is a field.
    const writeField: Write = (field) =>
      void Object.defineProperty(copied, name, { value: field, writable: true, enumerable: true, configurable: true })
    // Keeps the place of the field among the others until its secret is there.
    writeField(undefined)
    copy(item, copying, inner, writeField)
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object of another realm has another Object.prototype, whose own prototype is null as well.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function failureOf(failures: readonly Failure[], references: number): ConnectorError {
  const errors = failures.map(({ error }) => error)
  const cancelled = errors.find(({ code }) => code === 'CANCELLED')
  if (cancelled !== undefined) return cancelled
  const issues = failures.map(({ path, text, error }): Issue => {
    return { path, message: `${text}: ${error.message} ${error.advice}` }
  })
  const told = failures.map(({ path, text, error }) => `${path === '' ? 'It' : path} (${text}): ${error.message}`)
  const unread = new Set(failures.map(({ text }) => text)).size
  return new ConnectorError(
    // Trying again helps only where it helps with all of them.
    (errors.find((error) => !error.retryable) ?? errors[0])?.code ?? 'CONFIGURATION_ERROR',
    `${unread} of ${references} secret references cannot be read. ${told.join(' ')}`,
    { issues, hint: [...new Set(errors.map(({ advice }) => advice))].join(' ') },
    { cause: new AggregateError(errors) },
  )
}
