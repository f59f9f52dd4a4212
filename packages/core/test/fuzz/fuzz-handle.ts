import * as z from 'zod'
import { ConnectorError, codes, createMcpClient } from '@mcpclient/core'
import type { McpClient, Transport } from '@mcpclient/core'
import { bearer, defineConnector, get, path, post, tool } from '@mcpclient/core/define'
import { envelope } from '@mcpclient/core/envelope'
import { hostileValue, pick, text } from './hostile-values.ts'
import type { Random } from './hostile-values.ts'

/** A secret in the credential of every client, repeated by its provider. No envelope may contain it. */
export const CANARY = 'tok-canary-5f2c81d09e'
const MAX_ENVELOPE_LENGTH = 64_000

const note = z.object({ id: z.string(), text: z.string() })

const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://notes.example/v1/',
  auth: bearer(),
  tools: {
    get_note: tool({
      description: 'Read one note.',
      effect: 'read',
      input: z.object({ id: z.string() }),
      output: note,
      request: ({ id }) => get(path`notes/${id}`),
    }),
    write_note: tool({
      description: 'Write a note with anything in it.',
      effect: 'write',
      input: z.object({ id: z.string(), text: z.unknown() }),
      output: note,
      request: (input) => post('notes', input),
    }),
    echo: tool({
      description: 'Send whatever it is given.',
      effect: 'write',
      input: z.unknown(),
      output: z.unknown(),
      request: (input) => post('echo', input),
    }),
    search: tool({
      description: 'Search by any words.',
      effect: 'read',
      input: z.record(z.string(), z.string()),
      output: note,
      request: (input) => get('search', input),
    }),
  },
})

const bodies = ['{"id":"n1","text":"hi"}', '{"id":5}', '{"ok":false,"error":"constructor"}', '', 'null', '<p>no</p>']

/** Returns a provider that fails in every way, and repeats its requests. */
const hostileTransport = (random: Random): Transport => ({
  async send({ headers }) {
    // oxlint-disable-next-line typescript/only-throw-error -- a transport of a host may reject with anything
    if (random() < 0.2) throw hostileValue(random)
    if (random() < 0.1) throw new Error(`failed with ${headers['authorization'] ?? ''}`)
    if (random() < 0.1) throw new ConnectorError('MCP_SERVER_ERROR', `It said ${headers['authorization'] ?? ''}.`)
    const body = random() < 0.2 ? `{"message":"bad ${headers['authorization'] ?? ''}"}` : pick(random, bodies)
    const bytes = new TextEncoder().encode(body)
    return {
      status: pick(random, [200, 200, 200, 201, 400, 401, 403, 404, 422, 500, 503]),
      headers: { get: (name) => (name === 'content-type' ? 'application/json' : null) },
      text: () => Promise.resolve(body),
      bytes: () => Promise.resolve(bytes),
      stream: () => new Response(bytes).body,
    }
  },
})

/** Composes a client whose policy, approver and transport fail in every way. */
function hostileClient(random: Random): McpClient<{ notes: ReturnType<typeof notes> }> {
  const failing = (): never => {
    // oxlint-disable-next-line typescript/only-throw-error -- a host's code may throw anything
    throw hostileValue(random)
  }
  return createMcpClient({
    connectors: { notes: notes({ token: CANARY }) },
    transport: hostileTransport(random),
    retry: { attempts: 1 },
    breaker: { minimumCalls: Infinity },
    limits: { whenLimited: 'refuse' },
    permissions: {
      policy: () => (random() < 0.1 ? failing() : {}),
      approve: () => (random() < 0.1 ? failing() : true),
    },
  })
}

const toolNames = ['get_note', 'write_note', 'echo', 'search'] as const

function requestOf(random: Random): unknown {
  if (random() < 0.1) return hostileValue(random)
  const name = (known: readonly string[]): unknown => {
    const roll = random()
    return roll < 0.9 ? pick(random, known) : roll < 0.95 ? text(random) : hostileValue(random)
  }
  return {
    server_id: name(['notes']),
    tool_name: name(toolNames),
    tool_input: inputOf(random),
    ...(random() < 0.1 && { request_id: random() < 0.5 ? text(random) : hostileValue(random) }),
    ...(random() < 0.1 && { conversation_context: hostileValue(random) }),
    ...(random() < 0.1 && { [text(random)]: hostileValue(random) }),
  }
}

function inputOf(random: Random): unknown {
  const roll = random()
  if (roll < 0.3) return { id: 'n1' }
  return roll < 0.7 ? { id: text(random), text: hostileValue(random) } : hostileValue(random)
}

function principalOf(random: Random): unknown {
  const roll = random()
  if (roll < 0.7) return 'ada'
  if (roll < 0.9) return { tenant: 'ada', user: text(random), agent: random() < 0.5 ? 'bot' : hostileValue(random) }
  return roll < 0.95 ? text(random) : hostileValue(random)
}

/** The turns of the event loop that one call may take: it waits only for lazily loaded modules. */
const MAX_TURNS = 1_000_000

/**
 * Sends one envelope to a client.
 * @returns the code of the error, or `success`
 * @throws if the response is wrong
 */
export async function fuzzHandle(random: Random): Promise<string> {
  const mcp = hostileClient(random)
  const request = requestOf(random)
  const principal = principalOf(random)
  const state: { settled?: unknown; error?: { readonly thrown: unknown } } = {}
  try {
    mcp.handle(request, principal as string).then(
      (response: unknown) => (state.settled = response),
      (thrown: unknown) => (state.error = { thrown }),
    )
  } catch (thrown) {
    state.error = { thrown }
  }
  for (let turn = 0; turn < MAX_TURNS && state.settled === undefined && state.error === undefined; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (state.error !== undefined) throw new Error('handle() threw or rejected.', { cause: state.error.thrown })
  if (state.settled === undefined) throw new Error('handle() did not settle.')
  return assertActionable(state.settled)
}

function assertActionable(response: unknown): string {
  const parsed = envelope.parse(response)
  if (parsed.status === 'success') return 'success'
  const wire = JSON.stringify(structuredClone(response))
  const { code, type, message, details } = parsed.error
  if (!Object.hasOwn(codes, code)) throw new Error(`The code ${code} is not in the table.`)
  if (codes[code as keyof typeof codes].type !== type) throw new Error(`${code} has the type ${type}.`)
  if (message.trim() === '') throw new Error(`${code} has no message.`)
  if (typeof details?.['hint'] !== 'string' || details['hint'] === '') throw new Error(`${code} has no hint.`)
  if (wire.includes(CANARY)) throw new Error(`${code} contains the credential.`)
  if (wire.length > MAX_ENVELOPE_LENGTH) throw new Error(`${code} has ${wire.length} characters.`)
  if (!wire.isWellFormed()) throw new Error(`${code} contains a lone surrogate.`)
  return code
}
