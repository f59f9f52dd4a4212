import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode, Outcome } from '@mcpclient/core'

interface Meaning {
  /** Words that Redis begins such an error with. */
  readonly words: readonly string[]
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors; the words are those of Redis' source. */
const meanings: readonly Meaning[] = [
  {
    words: ['NOAUTH', 'WRONGPASS'],
    code: 'CONFIGURATION_ERROR',
    message: 'Redis refused the user or the password of the client.',
    hint: 'Correct username and password where the Redis client is created.',
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
    message: 'This Redis is a cluster, and the client is one for a single server.',
    hint: 'Pass a cluster client: createCluster() of redis, or new Cluster() of ioredis.',
  },
  {
    words: ['CROSSSLOT'],
    code: 'CONFIGURATION_ERROR',
    message: 'The keys of one write are in different slots of the cluster.',
    hint: 'Take braces out of the key prefix of the Redis client: they move the mark by which slots are chosen.',
  },
  {
    words: ['WRONGTYPE'],
    code: 'CONFIGURATION_ERROR',
    message: 'Something else has written to the keys of this store in Redis.',
    hint: 'Give the store a prefix of its own.',
  },
  {
    words: ['OOM'],
    code: 'MCP_SERVER_ERROR',
    message: 'Redis is full, so nothing was written.',
    hint: 'Raise maxmemory or make room. Keep maxmemory-policy at noeviction.',
  },
  {
    words: ['MISCONF'],
    code: 'MCP_SERVER_ERROR',
    message: 'Redis cannot save to its disk, so nothing was written.',
    hint: 'Look at the disk and the log of the Redis server; its snapshots or its append-only file fail.',
  },
  {
    words: ['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'BUSY', 'NOREPLICAS'],
    code: 'MCP_SERVER_ERROR',
    message: 'Redis is not ready to serve: it starts, fails over or moves data.',
    hint: 'Try again in a moment; if it lasts, look at the state of the server or the cluster.',
  },
]

/** Its first word; in Redis 6 and earlier, where a script failed, the one behind "Error running script …: -". */
const WORD = /^(?:ERR Error running script.*?: -)?([A-Z]{2,})\b/
/** How Redis 7 says NOPERM of a command inside a script. */
const FORBIDDEN_IN_SCRIPT = /^ERR The user executing the script can't/

/** What the system says where no connection came about. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])
/** What node-redis and ioredis say where they have no connection, and do not wait for one. */
const NOT_CONNECTED = /^(?:The client is (?:closed|offline)|Stream isn't writeable)/

/**
 * What an error of a Redis driver means. The error itself goes no further: ioredis adds the whole command to it, with
 * the value that was to be written.
 * @param kind whether there is a write of which to say what became of it
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
  const hint = 'Check that the Redis client is connected (node-redis: await client.connect()) and its address is right.'
  return new ConnectorError('MCP_CONNECTION_ERROR', 'Redis did not answer.', { outcome, hint }, options)
}

/** What Redis refuses it has not done. Where it did not answer, it may have. */
function outcomeOf(error: unknown, word: string | undefined): Outcome {
  if (word !== undefined) return 'not_processed'
  const { message, code }: { message?: unknown; code?: unknown } = error instanceof Error ? error : {}
  const neverSent = NEVER_SENT.has(String(code)) || NOT_CONNECTED.test(String(message))
  return neverSent ? 'not_processed' : 'unknown'
}

/** The word that Redis' answer begins with; undefined if it did not answer. Errors of the system carry a `code`. */
export function wordOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || 'code' in error) return undefined
  return FORBIDDEN_IN_SCRIPT.test(error.message) ? 'NOPERM' : WORD.exec(error.message)?.[1]
}
