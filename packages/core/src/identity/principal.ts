import { ConnectorError } from '../errors/connector-error.ts'

/** The principal of a call. The tenant isolates data; user and agent are for permissions, quotas and audit. */
export interface Principal {
  readonly tenant: string
  readonly user?: string | undefined
  readonly agent?: string | undefined
}

/** The tenant of a client that is composed with `singleTenant: true`. */
export const DEFAULT_TENANT = 'default'

/** The principal of a client with a single tenant. */
export type Actor = Omit<Principal, 'tenant'>

/** The principal argument of `as`, `handle`, `client` and the like. Required, except in a client with a single tenant. */
export type PrincipalArgument<Single extends boolean> = [Single] extends [true]
  ? [actor?: Actor]
  : [principal: string | Principal]

const MAX_ID_LENGTH = 256
const CONTROL_CHARACTER = /\p{Cc}/u
/** The strings that result from converting a missing id. */
const converted: ReadonlySet<string> = new Set(['undefined', 'null', 'NaN', '[object Object]'])

/**
 * Validates a principal that a host passed, and returns a frozen copy. Every method with a principal calls this first.
 * @param principal any value, because hosts in JavaScript have no types
 * @throws ConnectorError INVALID_INPUT if it names no tenant or contains an invalid id
 */
export function principalOf(principal: unknown, isSingleTenant: boolean): Principal {
  if (typeof principal === 'string') return Object.freeze({ tenant: tenantOf(principal, isSingleTenant) })
  if (principal === undefined && isSingleTenant) return onlyTenant
  const { tenant, user, agent } = fieldsOf(principal, isSingleTenant)
  return Object.freeze({
    tenant: tenantOf(tenant === undefined && isSingleTenant ? DEFAULT_TENANT : tenant, isSingleTenant),
    ...(user !== undefined && { user: idOf('user', user) }),
    ...(agent !== undefined && { agent: idOf('agent', agent) }),
  })
}

const onlyTenant: Principal = Object.freeze({ tenant: DEFAULT_TENANT })

/** Reads each field once, so that a getter cannot return another value after the check. */
function fieldsOf(principal: unknown, isSingleTenant: boolean): { readonly [K in keyof Principal]?: unknown } {
  try {
    if (typeof principal === 'object' && principal !== null && !Array.isArray(principal)) {
      const { tenant, user, agent } = principal as Readonly<Record<keyof Principal, unknown>>
      return { tenant, user, agent }
    }
  } catch (cause) {
    throw refused('', 'The principal cannot be read.', 'Pass a plain object: { tenant, user, agent }.', cause)
  }
  throw isSingleTenant
    ? refused('', 'The principal is not an object.', 'Pass { user, agent }, or leave the principal out.')
    : missingTenant('')
}

function tenantOf(tenant: unknown, isSingleTenant: boolean): string {
  if (tenant === undefined || tenant === null || tenant === '') throw missingTenant('tenant')
  const id = idOf('tenant', tenant)
  if (!isSingleTenant || id === DEFAULT_TENANT) return id
  throw refused(
    'tenant',
    'This client has a single tenant and accepts no other.',
    'Leave the tenant out, or compose the client without singleTenant.',
  )
}

function idOf(field: keyof Principal, id: unknown): string {
  const problem = problemOf(id)
  if (problem === undefined) return id as string
  throw refused(field, `The ${field} of the principal ${problem}.`, `Pass the ${field}'s id in your database.`)
}

function problemOf(id: unknown): string | undefined {
  if (typeof id !== 'string') return 'is not a string'
  if (id.length > MAX_ID_LENGTH) return `is longer than ${MAX_ID_LENGTH} characters`
  if (id.trim() === '') return 'is empty'
  if (converted.has(id)) return `is the string "${id}"`
  if (!id.isWellFormed()) return 'contains a lone surrogate'
  return CONTROL_CHARACTER.test(id) ? 'contains a control character' : undefined
}

const missingTenant = (path: string): ConnectorError =>
  refused(
    path,
    'The principal has no tenant.',
    "Pass the tenant's id in your database. If the app has only one tenant, set singleTenant: true.",
  )

const refused = (path: string, message: string, hint: string, cause?: unknown): ConnectorError =>
  new ConnectorError(
    'INVALID_INPUT',
    message,
    {
      issues: [{ path: path === '' ? 'principal' : `principal.${path}`, message: hint }],
      hint,
      outcome: 'not_processed',
    },
    { cause },
  )
