import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode, Outcome } from '@mcpclient/core'

interface Meaning {
  /** The words with which Redis begins such an error. */
  readonly words: readonly string[]
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors; the words are from the source of Redis. */
const meanings: readonly Meaning[] = [
  {
    words: ['NOAUTH', 'WRONGPASS'],
    code: 'CONFIGURATION_ERROR',
    message: 'Redis refused the user or the password of the client.',
    hint: 'Correct the username and password of the Redis client.',
  },
  {
    words: ['NOPERM'],
    code: 'CONFIGURATION_ERROR',
    message: 'The user of the Redis client lacks a permission that the store needs.',
    hint: "Allow it the keys of the store's prefix, and the commands that the README of @mcpclient/redis lists.",
  },
  {
    words: ['MOVED', 'ASK'],
    code: 'CONFIGURATION_ERROR',
    message: 'Redis is a cluster, but the client connects to a single server.',
    hint: 'Pass a cluster client: createCluster() of redis, or new Cluster() of ioredis.',
  },
  {
    words: ['CROSSSLOT'],
    code: 'CONFIGURATION_ERROR',
    message: 'The keys of one write are in different slots of the cluster.',
    hint: 'Remove braces from the key prefix of the Redis client: they change the hash tag that selects the slot.',
  },
  {
    words: ['WRONGTYPE'],
    code: 'CONFIGURATION_ERROR',
    message: 'Another program wrote to the keys of this store in Redis.',
    hint: 'Pass a prefix that no other program uses.',
  },
  {
    words: ['OOM'],
    code: 'MCP_SERVER_ERROR',
    message: 'Redis is full, so nothing was written.',
    hint: 'Raise maxmemory or delete data. Keep maxmemory-policy at noeviction.',
  },
  {
    words: ['MISCONF'],
    code: 'MCP_SERVER_ERROR',
    message: 'Redis cannot save to its disk, so nothing was written.',
    hint: 'Check the disk and the log of the Redis server: its snapshots or its append-only file fail.',
  },
  {
    words: ['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'BUSY', 'NOREPLICAS'],
    code: 'MCP_SERVER_ERROR',
    message: 'Redis is not ready: it starts, fails over or moves data.',
    hint: 'Try again later. If the error persists, check the state of the server or the cluster.',
  },
]

/** Matches the first word, or the one behind "Error running script …: -" if a script failed in Redis 6 or earlier. */
const WORD = /^(?:ERR Error running script.*?: -)?([A-Z]{2,})\b/
/** The NOPERM of Redis 7 for a command inside a script. */
const FORBIDDEN_IN_SCRIPT = /^ERR The user executing the script can't/

/** The system's codes for a connection that was never established. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])
/** The messages of node-redis and ioredis if they have no connection and do not wait for one. */
const NOT_CONNECTED = /^(?:The client is (?:closed|offline)|Stream isn't writeable)/

/**
 * Converts an error of a Redis driver to a `ConnectorError`. The error itself is dropped: ioredis adds the whole command
 * to it, with the value.
 * @param kind a write reports its outcome
 */
export function redisFailure(error: unknown, kind: 'read' | 'write'): ConnectorError {
  if (ConnectorError.is(error)) return error
  const word = wordOf(error)
  const outcome = kind === 'write' ? outcomeOf(error, word) : undefined
  const options = { cause: new Error(String(error)) }
  const meaning = meanings.find(({ words }) => word !== undefined && words.includes(word))
  if (meaning !== undefined) {
    const { code, message, hint } = meaning
    return new ConnectorError(code, message, { providerCode: word, outcome, hint }, options)
  }
  if (word !== undefined) {
    const hint = 'Report it with the version of the Redis server, which should be 6.2 or later.'
    const details = { providerCode: word, outcome, hint }
    return new ConnectorError('API_INTERNAL_ERROR', 'Redis refused a command of the store.', details, options)
  }
  const hint = 'Check the address of the Redis client, and that it is connected (node-redis: await client.connect()).'
  return new ConnectorError('MCP_CONNECTION_ERROR', 'Redis did not respond.', { outcome, hint }, options)
}

/** Returns the outcome of a failed write: not processed if Redis refused it, unknown if Redis did not respond. */
function outcomeOf(error: unknown, word: string | undefined): Outcome {
  if (word !== undefined) return 'not_processed'
  const { message, code }: { message?: unknown; code?: unknown } = error instanceof Error ? error : {}
  const neverSent = NEVER_SENT.has(String(code)) || NOT_CONNECTED.test(String(message))
  return neverSent ? 'not_processed' : 'unknown'
}

/** Returns the first word of Redis' reply, or undefined if there is none. Errors of the system have a `code`. */
export function wordOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || 'code' in error) return undefined
  return FORBIDDEN_IN_SCRIPT.test(error.message) ? 'NOPERM' : WORD.exec(error.message)?.[1]
}
