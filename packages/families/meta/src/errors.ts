import { errorTable, valueAt } from '@mcpclient/core/define'
import type { ErrorPlaces, ErrorRow, ErrorTable } from '@mcpclient/core/define'

// A request over a limit is not processed: Meta rejects it until the share of the quota is below 100 % again.
// Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true }
const ofApp: ErrorRow = { ...limited, blocks: 'app' }
const temporary: ErrorRow = { code: 'MCP_SERVER_ERROR', hint: 'Try again later.' }
const ended: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE', hint: 'Connect the account again.' }
const unpermitted: ErrorRow = {
  hint: "Connect the account again, and grant every permission. Check the app's access level for the permission.",
}
const missing: ErrorRow = { hint: 'Check the id. It does not exist, or the token may not see it.' }
// Meta documents no errors of its token endpoint. Facebook reports a wrong secret under code 1, Instagram under code 100.
// Source: https://stackoverflow.com/questions/14575477/facebook-exchange-code-for-token
const wrongSecret: ErrorRow = { code: 'CONFIGURATION_ERROR', hint: 'Check the id and the secret of the app.' }

/** Returns whether a message names something. Several errors of an app share the codes 1 and 100, without a subcode. */
const isAbout = (body: unknown, words: string): boolean => String(valueAt(body, 'error.message')).includes(words)
const subcodeOf = (body: unknown): unknown => valueAt(body, 'error.error_subcode')

/** The reasons of a session that ended, by subcode. */
const sessions: ReadonlyMap<unknown, ErrorRow> = new Map<unknown, ErrorRow>([
  [458, { ...ended, reason: 'app_removed', hint: 'Connect the account again: the user removed the app.' }],
  [459, { ...ended, reason: 'user_checkpointed', hint: 'Have the user sign in at Meta and follow the instructions.' }],
  [460, { ...ended, reason: 'password_changed', hint: 'Connect the account again: its password was changed.' }],
  [463, { ...ended, reason: 'token_expired' }],
  [464, { ...ended, reason: 'user_unconfirmed', hint: 'Have the user sign in at Meta and follow the instructions.' }],
  [467, { ...ended, reason: 'token_invalid' }],
  [492, { ...ended, reason: 'page_role_lost', hint: 'Give the user a role on the page, and connect it again.' }],
])

/** The codes of missing permissions: 3, 10, and every code from 200 to 299. */
const PERMISSIONS = [3, 10, ...Array.from({ length: 100 }, (_, index) => 200 + index)].join(' ')

// The source of all codes: https://developers.facebook.com/docs/graph-api/guides/error-handling
const { rows } = errorTable(
  {},
  {
    [PERMISSIONS]: unpermitted,
    1: (body) => (isAbout(body, 'client secret') ? wrongSecret : temporary),
    2: temporary,
    4: ofApp,
    '17 32 341 613': limited,
    '80000 80001 80002 80003 80004 80005 80006 80007 80008 80009 80014': limited,
    33: missing,
    100: (body) => {
      const subcode = subcodeOf(body)
      if (subcode === 33) return missing
      if (isAbout(body, 'client secret') || isAbout(body, 'appsecret_proof')) return wrongSecret
      // "This authorization code has expired", and "has been used".
      if (subcode === 36_007) return { ...ended, reason: 'code_expired', hint: 'Start again with connect().' }
      if (subcode === 36_009) return { ...ended, reason: 'code_used', hint: 'Start again with connect().' }
      return { hint: 'Correct the parameter that the message names.' }
    },
    101: wrongSecret,
    102: (body) => sessions.get(subcodeOf(body)) ?? ended,
    104: ended,
    190: (body) => sessions.get(subcodeOf(body)) ?? ended,
    368: { hint: 'Do not repeat it: Meta blocked this action for a violation of its policies.' },
    506: { hint: 'Do not repeat it: the same post was published before.' },
    803: missing,
    1_609_005: { hint: 'Check the link: Meta could not read the page.' },
    // An error without a row of its own.
    400: (body) => (valueAt(body, 'error.is_transient') === true ? temporary : {}),
  },
)

/** Additions of one service to Meta's errors: rows, and the paths of its own codes and of a message that says more. */
export interface OwnErrors extends Pick<ErrorPlaces, 'message'> {
  readonly code?: string | undefined
  readonly rows?: ErrorTable['rows'] | undefined
}

/** Returns the table of errors by Meta's code and subcode, with the rows that only one service has. */
export const graphErrors = ({ code, rows: own = {}, message = 'error.message' }: OwnErrors = {}): ErrorTable => {
  const table = errorTable({ code: ['error.code', ...(code === undefined ? [] : [code])], message }, own)
  return { ...table, rows: { ...rows, ...table.rows } }
}
