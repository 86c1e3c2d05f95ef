// Preloaded into the processes of `npm start`: when it is killed outright, they stop as on SIGTERM instead of living on.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// The channel alone must not keep a process alive that has finished.
process.channel?.unref()
