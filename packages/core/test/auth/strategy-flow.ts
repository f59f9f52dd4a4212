import type { GrantFlow, GrantProtocol } from '../../src/auth/grant-flow.ts'

/** A protocol of which every part that a test calls is there. */
export type WholeProtocol = Required<GrantProtocol>

export async function protocolOf(strategy: { readonly flow?: GrantFlow | undefined }): Promise<WholeProtocol> {
  const protocol = await strategy.flow?.load()
  const absent = (name: string) => () => Promise.reject(new Error(`This strategy has no ${name}.`))
  return {
    authorize: absent('authorize'),
    redeem: absent('redeem'),
    authorizeDevice: absent('authorizeDevice'),
    redeemDevice: absent('redeemDevice'),
    obtain: absent('obtain'),
    refresh: absent('refresh'),
    revoke: absent('revoke'),
    ...protocol,
  }
}
