import { errorTable, valueAt } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'

const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true }
const ended = (reason: string, hint = 'Connect the account again.'): ErrorRow => ({
  code: 'MCP_AUTHENTICATION_FAILURE',
  reason,
  hint,
})

/**
 * Returns the meaning of a request beyond a limit, which is not processed: of long requests at once, or of 24 hours.
 * Source: https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html
 */
function requestLimit(body: unknown): ErrorRow {
  const message = valueAt(body, '0.message')
  return typeof message === 'string' && message.startsWith('Concurrent')
    ? { ...limited, hint: 'Send fewer requests that take 20 seconds or longer: an org allows 25 at once.' }
    : // The 24 hours roll, and no header names a time. Without a wait, every retry would be one more refusal.
      {
        ...limited,
        retryAfterMs: 15 * 60_000,
        hint: 'Wait, or ask an administrator for more API requests: see get_limits.',
      }
}

/** Returns whether a body lists the URLs of several records with one external id, which has status 300. */
const hasSeveralRecords = (body: unknown): boolean =>
  Array.isArray(body) && body.length > 0 && body.every((url) => typeof url === 'string')

const denied: ErrorRow = { hint: "Ask an administrator for the permission: the user's profile or sharing denies it." }
const noFields: ErrorRow = { hint: 'Check the names of fields with describe_object. The user may not see a field.' }

// Salesforce's codes whose meaning the status does not express, and advice for the most frequent ones.
// Sources: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm and
// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
export const errors = errorTable(
  // The data API returns a list, the token endpoint an object.
  { code: ['0.errorCode', 'error'], message: '0.message', refused: hasSeveralRecords },
  {
    INVALID_SESSION_ID: { code: 'MCP_AUTHENTICATION_FAILURE' },
    REQUEST_LIMIT_EXCEEDED: requestLimit,
    // The request fails as a whole, and Salesforce advises integrations to retry it, because locks are brief. Source:
    // https://developer.salesforce.com/docs/atlas.en-us.draes.meta/draes/draes_object_relationships_record_level_locking.htm
    UNABLE_TO_LOCK_ROW: {
      code: 'MCP_SERVER_ERROR',
      notProcessed: true,
      hint: 'Try again: another change locks the record.',
    },
    300: {
      code: 'MCP_CLIENT_ERROR',
      hint: 'Use an external id field that is unique: several records have this value.',
    },
    '414 431': { hint: 'Shorten the query: its URL and the headers have at most 16,384 bytes.' },
    DUPLICATES_DETECTED: {
      hint: 'Find the existing record and update it: a duplicate rule of the org refuses another one.',
    },
    DUPLICATE_VALUE: { hint: 'Use upsert_record: another record has this value in a unique field.' },
    ENTITY_IS_DELETED: { hint: 'Do nothing: the record was deleted before.' },
    NOT_FOUND: { hint: 'Check object and id. The user may not see the record.' },
    MALFORMED_ID: { hint: 'Pass an id of 15 or 18 characters, of a record of this object.' },
    INVALID_CROSS_REFERENCE_KEY: {
      hint: 'Check the ids of related records: one of them does not exist or has another type.',
    },
    INVALID_TYPE: { hint: 'Check the API name of the object with list_objects. Names of custom objects end with __c.' },
    'INVALID_FIELD INVALID_FIELD_FOR_INSERT_UPDATE': noFields,
    REQUIRED_FIELD_MISSING: { hint: 'Pass the fields that the message names.' },
    FIELD_CUSTOM_VALIDATION_EXCEPTION: { hint: 'Correct the values: a validation rule of the org refuses them.' },
    INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: { hint: 'Pass a value of the picklist: describe_object returns them.' },
    STRING_TOO_LONG: { hint: 'Shorten the value: describe_object returns the length of each field.' },
    MALFORMED_QUERY: { hint: 'Correct the SOQL, or use find_records.' },
    MALFORMED_SEARCH: { hint: 'Search for at least two characters that are not wildcards.' },
    QUERY_TIMEOUT: { hint: 'Filter by an indexed field, or ask for fewer records.' },
    INVALID_QUERY_LOCATOR: { hint: 'Run the query again: the position in its result has expired.' },
    INVALID_REPLICATION_DATE: {
      hint: 'Pass an end more than a minute after the start, and a start within the last 30 days.',
    },
    EXCEEDED_ID_LIMIT: { hint: 'Ask for a shorter time: it has more than 600,000 ids.' },
    STORAGE_LIMIT_EXCEEDED: { hint: 'Ask an administrator to free storage: see get_limits.' },
    API_DISABLED_FOR_ORG: { hint: 'Use an org whose edition includes the API.' },
    'INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY': denied,
    INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: denied,
    // Errors of the token endpoint that RFC 6749 does not have. Source:
    // https://github.com/forcedotcom/SalesforceMobileSDK-iOS/blob/680285c/libs/SalesforceSDKCore/SalesforceSDKCore/Classes/OAuth/SFOAuthCoordinator.m
    inactive_user: ended('inactive_user', 'Connect another user: this one is inactive.'),
    inactive_org: ended('inactive_org', 'Connect another org: this one is inactive.'),
    invalid_client_id: { code: 'CONFIGURATION_ERROR', hint: "Check clientId: it is the app's consumer key." },
    rate_limit_exceeded: limited,
  },
)
