import { NO_SERVER, startPostgres } from './postgres-server.ts'

/**
 * A server for the tests of another package, which fork this: says where it is, crashes and restarts on the
 * parent's order, and stops when the parent goes.
 */
const server = await startPostgres()
process.on('message', ({ id, order }: { readonly id: number; readonly order: 'crash' | 'restart' }) => {
  void server?.[order]?.().then(() => process.send?.({ id, result: true }))
})
process.on('disconnect', () => {
  void Promise.resolve(server?.stop()).then(() => process.exit(0))
})
process.send?.(
  server === undefined ? { missing: NO_SERVER } : { url: server.url, canCrash: server.crash !== undefined },
)
