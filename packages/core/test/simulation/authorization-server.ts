import type { GrantFlow } from '../../src/auth/grant-flow.ts'

/** How a provider of the simulation treats what it gave out. Durations are milliseconds. */
export interface ProviderModel {
  readonly name: ModelName
  readonly rotation: 'keep' | 'rotate' | 'single_use'
  /** For so long a spent refresh token is still answered. */
  readonly reuseWindowMs: number
  /** Whether a spent token that is shown again ends the whole family (RFC 9700, section 4.14.2). */
  readonly revokesFamily: boolean
  /** Whether access tokens end with their family, or live on until they expire. */
  readonly endsAccess: boolean
  /** Whether an answer says how long its access token lives. */
  readonly saysLife: boolean
  /** Whether an answer leaves out a refresh token that stays the same. */
  readonly leavesOutSame: boolean
  readonly lifeMs: number
}

export type ModelName = (typeof modelNames)[number]
/** `strict`: single use. `window`: single use, and spent tokens are answered for ten minutes more. */
export const modelNames = ['strict', 'window', 'rotate', 'keep'] as const

/** What a connector would say of such a provider. */
export const refreshOf = ({ rotation, reuseWindowMs }: ProviderModel): GrantFlow['refresh'] => ({
  rotation,
  ...(rotation === 'single_use' && reuseWindowMs > 0 && { reuseWindowMs }),
})

/** All that descends from one consent. */
export interface Family {
  readonly name: string
  ended?: { readonly why: 'person' | 'discarded' | 'reuse'; readonly shown?: RefreshToken }
}

export interface RefreshToken {
  readonly name: string
  readonly family: Family
  readonly parent: RefreshToken | undefined
  firstSpentAt: number
}

interface AccessToken {
  readonly family: Family
  readonly until: number
}

export interface Issued {
  readonly accessToken: string
  readonly refreshToken: RefreshToken
  /** Not in the answer where the provider leaves it out. */
  readonly saysRefreshToken: boolean
  readonly lifeMs: number | undefined
}

/** A rotating authorization server, and the API that trusts it, on the one true clock. */
export class AuthorizationServer {
  readonly model: ProviderModel
  readonly #refreshTokens = new Map<string, RefreshToken>()
  readonly #accessTokens = new Map<string, AccessToken>()
  #made = 0

  constructor(model: ProviderModel) {
    this.model = model
  }

  /** A person agrees. */
  consent(now: number): Issued {
    this.#made += 1
    return this.#issue(this.#refreshToken({ name: `family${this.#made}` }, undefined), now)
  }

  /** Undefined: `invalid_grant`. */
  refresh(name: string, now: number): Issued | undefined {
    const token = this.#refreshTokens.get(name)
    if (token === undefined || token.family.ended !== undefined) return undefined
    const { rotation, revokesFamily } = this.model
    if (rotation === 'keep') return this.#issue(token, now)
    if (!this.#answers(token, now)) {
      if (revokesFamily) token.family.ended = { why: 'reuse', shown: token }
      return undefined
    }
    token.firstSpentAt = Math.min(token.firstSpentAt, now)
    return this.#issue(this.#refreshToken(token.family, token), now)
  }

  /** Whether this refresh token would be answered now. */
  honours(name: string, now: number): boolean {
    const token = this.#refreshTokens.get(name)
    return token !== undefined && token.family.ended === undefined && this.#answers(token, now)
  }

  refreshToken(name: string | undefined): RefreshToken | undefined {
    return name === undefined ? undefined : this.#refreshTokens.get(name)
  }

  familyOf(accessToken: string): Family | undefined {
    return this.#accessTokens.get(accessToken)?.family
  }

  end(family: Family, why: 'person' | 'discarded'): void {
    family.ended ??= { why }
  }

  /** Whether the API takes the token; else it answers 401. */
  accepts(accessToken: string, now: number): boolean {
    const token = this.#accessTokens.get(accessToken)
    if (token === undefined || now >= token.until) return false
    return token.family.ended === undefined || !this.model.endsAccess
  }

  #answers({ firstSpentAt }: RefreshToken, now: number): boolean {
    return firstSpentAt === Infinity || now < firstSpentAt + this.model.reuseWindowMs
  }

  #refreshToken(family: Family, parent: RefreshToken | undefined): RefreshToken {
    this.#made += 1
    const token = { name: `refresh${this.#made}`, family, parent, firstSpentAt: Infinity }
    this.#refreshTokens.set(token.name, token)
    return token
  }

  #issue(refreshToken: RefreshToken, now: number): Issued {
    this.#made += 1
    const accessToken = `access${this.#made}`
    const { lifeMs, saysLife, leavesOutSame, rotation } = this.model
    this.#accessTokens.set(accessToken, { family: refreshToken.family, until: now + lifeMs })
    return {
      accessToken,
      refreshToken,
      saysRefreshToken: !(leavesOutSame && rotation === 'keep'),
      lifeMs: saysLife ? lifeMs : undefined,
    }
  }
}
