import { hasRedis, HOW_TO_GET_REDIS, startRedis } from './redis-server.ts'

/**
 * A server for the tests of another package, which fork this: says where it is, crashes and restarts on the
 * parent's order, and stops when the parent goes.
 */
const given = process.env['MCPCLIENT_REDIS_URL']
const server = given === undefined && hasRedis ? await startRedis() : undefined
const url = given ?? server?.url
process.on('message', ({ id, order }: { readonly id: number; readonly order: 'crash' | 'restart' }) => {
  void server?.[order]().then(() => process.send?.({ id, result: true }))
})
process.on('disconnect', () => {
  void Promise.resolve(server?.close()).then(() => process.exit(0))
})
process.send?.(url === undefined ? { missing: HOW_TO_GET_REDIS } : { url, canCrash: server !== undefined })
