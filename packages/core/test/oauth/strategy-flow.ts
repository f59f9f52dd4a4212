import type { FlowContext, GrantFlow, GrantProtocol } from '../../src/auth/grant-flow.ts'
import type { Grant } from '../../src/auth/grant.ts'

/** A protocol with every method that a test calls. */
export type WholeProtocol = Required<Omit<GrantProtocol, 'refresh'>> & {
  /** Refreshes a grant, and then verifies it as the vault does after storing it. */
  readonly refresh: (context: FlowContext, grant: Grant) => Promise<Grant>
}

export async function protocolOf(strategy: { readonly flow?: GrantFlow | undefined }): Promise<WholeProtocol> {
  const protocol = await strategy.flow?.load()
  const absent = (name: string) => () => Promise.reject(new Error(`This strategy has no ${name}.`))
  return {
    authorize: absent('authorize'),
    redeem: absent('redeem'),
    authorizeDevice: absent('authorizeDevice'),
    redeemDevice: absent('redeemDevice'),
    obtain: absent('obtain'),
    revoke: absent('revoke'),
    ...protocol,
    async refresh(context, grant) {
      const brought = await (protocol?.refresh ?? absent('refresh'))(context, grant)
      if (!('grant' in brought)) return brought
      await brought.verify(new AbortController().signal)
      return brought.grant
    },
  }
}
