import { connectionSettings } from './connection-settings.ts'
import type { CallStage, StageFor } from './stage.ts'

/** Adds the connection's settings to the call, and refreshes its credential before a request is built. */
export const resolve: StageFor<CallStage> = (context) => {
  const { credentials, connector, lifetime } = context
  // A connector with its own client class has no settings.
  if (credentials.isShared || connector.tools === undefined) return undefined
  return (next) => (call) => {
    const own = credentials.settingsOf(call.connection)
    const resolved = (found: object | undefined) => {
      const settings = connectionSettings(context, found)
      return next(settings === call.settings ? call : { ...call, settings })
    }
    if (!(own instanceof Promise)) return resolved(own)
    const waitsFor = () => (credentials.isRefreshing(call.connection) ? 'the token refresh' : 'the credential store')
    return lifetime.race(own, call, waitsFor).then(resolved)
  }
}
