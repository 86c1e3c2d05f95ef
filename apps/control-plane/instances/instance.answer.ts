import { formatId } from '@portico/kernel/ids'
import type { BootedInstance } from '@portico/platform/instances/boot-instance'
import type { Instance } from '@portico/platform/instances/instance'
import type { Heartbeat } from '@portico/platform/instances/record-heartbeat'

export function instanceAnswer(instance: Instance) {
  return {
    id: formatId('inst', instance.id),
    project_id: formatId('proj', instance.projectId),
    name: instance.name,
    metadata: instance.metadata,
    reads: instance.reads,
    env_version: instance.envVersion,
    current: instance.current,
    live: instance.live,
    booted_at: instance.bootedAt.toISOString(),
    last_seen_at: instance.lastSeenAt.toISOString(),
    ended_at: instance.endedAt?.toISOString() ?? null,
  }
}

export function bootAnswer(booted: BootedInstance) {
  return {
    id: formatId('inst', booted.id),
    project_id: formatId('proj', booted.projectId),
    name: booted.name,
    reads: booted.reads,
    env: booted.env,
    env_version: booted.envVersion,
    booted_at: booted.bootedAt.toISOString(),
    heartbeat_seconds: booted.heartbeatSeconds,
  }
}

export function heartbeatAnswer(heartbeat: Heartbeat) {
  return {
    id: formatId('inst', heartbeat.id),
    env_version: heartbeat.envVersion,
    latest_env_version: heartbeat.latestEnvVersion,
    current: heartbeat.envVersion === heartbeat.latestEnvVersion,
    last_seen_at: heartbeat.lastSeenAt.toISOString(),
    heartbeat_seconds: heartbeat.heartbeatSeconds,
  }
}
