/** `@mcpclient/redis`: a store in Redis, through node-redis or ioredis. */
export { redisStore } from './redis-store.ts'
export type { RedisStoreOptions } from './redis-store.ts'
export type { IoredisClient, NodeRedisClient } from './script-runner.ts'
