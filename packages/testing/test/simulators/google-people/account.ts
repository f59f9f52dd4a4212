import { loadVendorContract, vendorContracts } from '@mcpclient/testkit'
import { createFakeClock, seededRandom } from '../../../src/index.ts'
import { simulatedGooglePeople } from '../../../src/simulators.ts'
import type { SimulatedContact, SimulatedGooglePeopleOptions } from '../../../src/simulators.ts'

interface Sent {
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

interface GoogleError {
  readonly status: string
  readonly errors: readonly { readonly reason: string }[]
  readonly details?: readonly { readonly reason: string }[]
}

export interface Answer {
  readonly status: number
  readonly body: SimulatedContact & {
    readonly connections?: readonly SimulatedContact[]
    readonly results?: readonly { readonly person: SimulatedContact }[]
    readonly nextPageToken?: string
    readonly nextSyncToken?: string
    readonly error?: GoogleError
  }
  /** The status of a failure, or the reason that its details name. */
  readonly reason: string | undefined
}

const folder = vendorContracts()
export const vendorContract = folder === undefined ? undefined : await loadVendorContract(folder, 'google-people')

/** The operations that were checked so far, so that a test can say that there were some. */
export const checked = new Set<string>()

/** Creates an account with the token `secret`. */
export function account(options: Partial<SimulatedGooglePeopleOptions> = {}) {
  const clock = createFakeClock()
  const google = simulatedGooglePeople({ clock, random: seededRandom('people'), accessToken: 'secret', ...options })
  return {
    clock,
    google,
    /** Sends a request to `/v1/` and the path. Fails on a response that Google's description does not allow. */
    async call(method: string, path: string, { query = {}, body, headers }: Sent = {}): Promise<Answer> {
      const url = `https://people.googleapis.com/v1/${path}?${new URLSearchParams(query).toString()}`
      const response = await google.handle(
        new Request(url, {
          method,
          headers: { authorization: 'Bearer secret', ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      )
      const parsed = (await response.json()) as Answer['body']
      const { status } = response
      if (response.ok) {
        const found = vendorContract?.check({ method, url, status, responseBody: parsed })
        if (found?.op !== undefined && found.op !== null) checked.add(found.op)
        const problems = found?.op === null ? [] : (found?.problems ?? [])
        if (problems.length > 0) throw new Error(`${method} ${url}: ${problems.join('; ')}`)
      }
      const { error } = parsed
      return { status, body: parsed, reason: error?.details?.[0]?.reason ?? error?.status }
    },
  }
}

export const READ = { personFields: 'names,emailAddresses,memberships,metadata' }
export const LIST = { ...READ, pageSize: '2', requestSyncToken: 'true' }

/** Returns a contact with one name. */
export const named = (givenName: string, more: SimulatedContact = {}): SimulatedContact => ({
  names: [{ givenName }],
  ...more,
})

/** Returns the body of an update that is based on the version of a contact. */
export const basedOn = ({ metadata }: SimulatedContact, changes: SimulatedContact): SimulatedContact => ({
  ...changes,
  metadata,
})

/** Returns the given names of contacts. */
export const givenNames = (contacts: readonly SimulatedContact[] = []): readonly unknown[] =>
  contacts.map(({ names }) => names?.[0]?.['givenName'])
