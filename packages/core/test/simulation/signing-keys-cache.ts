import type { FlowContext } from '../../src/auth/grant-flow.ts'
import { isCoolingDown, signingKeys } from '../../src/oauth/signing-keys.ts'
import type { SigningKeys } from '../../src/oauth/signing-keys.ts'
import type { Session } from '../../src/oauth/session.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Transport, TransportResponse } from '../../src/ports/transport.ts'
import { TransportError } from '../../src/ports/transport.ts'
import { between, type SimulationContext } from './simulation-context.ts'
import type { Worker } from './worker.ts'

/** The minimum time between two fetches because of unknown keys. */
const COOL_DOWN_MS = 30_000

/** The signing keys as one process has them: the real cache, behind a simulated network. */
export class SigningKeysCache {
  readonly #simulation: SimulationContext
  readonly #worker: Worker
  readonly #session: Session
  readonly #refetches: boolean
  #fetchedAt = -Infinity

  constructor(simulation: SimulationContext, worker: Worker, clock: Clock, refetches: boolean) {
    this.#simulation = simulation
    this.#worker = worker
    this.#refetches = refetches
    const flowContext: Pick<FlowContext, 'clock' | 'documents' | 'transport' | 'signal'> = {
      clock,
      documents: new Map(),
      signal: undefined,
      transport: this.#transport(),
    }
    const server = { host: 'login.example', metadata: { jwks_uri: 'https://login.example/keys' } }
    this.#session = { context: flowContext, server } as unknown as Session
  }

  /** The current signing key of the server. */
  get current(): string {
    const { time, plan } = this.#simulation
    return `key${Math.floor(time.now / plan.rare.rotatesKeysMs)}`
  }

  /** Returns whether the key is known. Fetches the keys again for an unknown one, as the verification of an id_token does. */
  async knows(kid: string): Promise<boolean> {
    const { time, judge } = this.#simulation
    const beganAt = time.now
    const fetchedAt = this.#fetchedAt
    const known = await signingKeys(this.#session)
    if (lists(known, kid)) return true
    const mayFetch = this.#refetches && !known.isFresh && !isCoolingDown(this.#session, known)
    if (mayFetch && lists(await signingKeys(this.#session, known), kid)) return true
    judge.couldNotVerify(this.#worker, kid, kid === this.current && beganAt - fetchedAt >= COOL_DOWN_MS)
    return false
  }

  #transport(): Transport {
    return {
      send: () =>
        new Promise((resolve, reject) => {
          const simulation = this.#simulation
          const isDown = simulation.suffers(this.#worker, 'server_down')
          simulation.time.after(between(simulation, 20, 400), () => {
            this.#worker.meet(() => {
              if (isDown) return reject(new TransportError('The server is down.', { sent: false }))
              this.#fetchedAt = simulation.time.now
              resolve(jsonResponse({ keys: [{ kty: 'OKP', kid: this.current }] }))
            })
          })
        }),
    }
  }
}

const lists = ({ keys }: SigningKeys, wanted: string): boolean => keys.keys.some(({ kid }) => kid === wanted)

/** Returns a response whose body is read with microtasks alone, unlike a real stream. */
function jsonResponse(body: unknown): TransportResponse {
  const text = JSON.stringify(body)
  const chunks = [new TextEncoder().encode(text)]
  const read = () => {
    const value = chunks.shift()
    return Promise.resolve(value === undefined ? { done: true } : { done: false, value })
  }
  return {
    status: 200,
    headers: { get: () => null },
    text: () => Promise.resolve(text),
    bytes: () => Promise.resolve(new TextEncoder().encode(text)),
    stream: () => ({ getReader: () => ({ read }) }) as unknown as ReadableStream<Uint8Array>,
  }
}
