import { ConnectorError } from '../errors/connector-error.ts'
import { providerText } from '../errors/provider-text.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { ofChoice } from '../auth/grant.ts'
import type { Grant } from '../auth/grant.ts'
import { sendRequest, GET_JSON, unusableResponse } from './server-request.ts'
import type { AccountChoice, AccountDiscovery, OAuth2Options } from './definition.ts'
import { endpoint, hostOf } from './endpoints.ts'
import { provenUrl } from './secret-proof.ts'

/**
 * Requests the accounts that a new grant reaches. Selects the only one, or the one that the connection's settings name.
 * Otherwise the grant contains the choices for the user.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `no_account` if it reaches none
 */
export async function discoverAccount(
  context: FlowContext,
  { discover: { url: where, scheme = 'Bearer', choose }, secretProof }: DiscoveringDefinition,
  grant: Grant,
): Promise<Grant> {
  const listed = endpoint(where, { ...context, settings: { ...context.settings, ...grant.settings } })
  const url = await provenUrl(listed, secretProof, { ...grant, app: context.app })
  const host = hostOf(url)
  const { status, body } = await sendRequest(context, {
    ...GET_JSON,
    url,
    headers: { ...GET_JSON.headers, authorization: `${scheme} ${grant.accessToken}` },
  })
  if (status >= 400) throw unusableResponse(host, `${status} for the list of accounts`, status)
  const choices = read(choose, body, host)
  const [only] = choices.length === 1 ? choices : choices.filter((choice) => isChosen(choice, context.settings))
  if (choices.length === 0) {
    throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The user has no account at ${host}.`, {
      reason: 'no_account',
      hint: 'Connect again with an account that can use the service.',
    })
  }
  if (only === undefined) {
    return {
      ...grant,
      choices: choices.map(({ id, name, settings, accessToken }) => ({
        id,
        name: providerText(name),
        settings,
        ...(accessToken !== undefined && { accessToken }),
      })),
    }
  }
  const account = only.account ?? grant.account
  return {
    ...ofChoice(grant, only),
    settings: { ...grant.settings, ...only.settings },
    ...(account !== undefined && { account }),
  }
}

interface DiscoveringDefinition extends Pick<OAuth2Options, 'secretProof'> {
  readonly discover: AccountDiscovery
}

/** Returns whether the settings of the connection name this account: by one of its settings, or by several. */
function isChosen({ settings }: AccountChoice, chosen: FlowContext['settings']): boolean {
  const names = Object.keys(settings).filter((name) => chosen[name] !== undefined)
  return names.length > 0 && names.every((name) => settings[name] === chosen[name])
}

function read(choose: AccountDiscovery['choose'], body: unknown, host: string): readonly AccountChoice[] {
  try {
    return choose(body)
  } catch {
    throw unusableResponse(host, 'an unreadable list of accounts')
  }
}
