import type { Cluster, Redis } from 'ioredis'

export type Client = Redis | Cluster
