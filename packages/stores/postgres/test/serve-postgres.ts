import { NO_SERVER, startPostgres } from './postgres-server.ts'

/** A server for the tests of another package, which fork this: says where it is, and stops when its parent goes. */
const server = await startPostgres()
process.on('disconnect', () => {
  void Promise.resolve(server?.stop()).then(() => process.exit(0))
})
process.send?.(server === undefined ? { missing: NO_SERVER } : { url: server.url })
