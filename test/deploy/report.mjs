// What was started, how long it took, and what was seen; printed as it comes, and as a table at the end.
export class Report {
  rows = []
  notRun = []
  failures = 0

  /** One set-up: `work` gets a tool that times and holds. What it throws is its result, and the next one has its turn. */
  async setUp(name, work) {
    const row = { name, checks: 0, ready: null, note: '', failed: [] }
    this.rows.push(row)
    console.log(`\n${name}`)
    try {
      await work({
        hold: (what, isSo, found) => {
          row.checks += 1
          const instead = isSo || found === undefined ? '' : `: ${typeof found === 'string' ? found : JSON.stringify(found)}`
          console.log(`  ${isSo ? 'holds' : 'FAILS'}  ${what}${instead}`)
          if (!isSo) row.failed.push(what)
        },
        timed: async (what, doIt) => {
          const from = performance.now()
          const result = await doIt()
          const seconds = (performance.now() - from) / 1000
          console.log(`  ${seconds.toFixed(1).padStart(5)} s ${what}`)
          return { result, seconds }
        },
        ready: (seconds) => (row.ready = seconds),
        note: (text) => {
          row.note += `${row.note ? '; ' : ''}${text}`
          console.log(`         ${text}`)
        },
      })
    } catch (error) {
      row.failed.push(error.message.split('\n')[0])
      console.log(`  FAILS  ${error.stack}`)
    }
    this.failures += row.failed.length
  }

  skip(name, reason) {
    this.notRun.push(`${name} (${reason})`)
    console.log(`\n${name}\n  not run: ${reason}`)
  }

  print() {
    console.log('\n| Set-up | Ready after | Checks | Result |\n| --- | --- | --- | --- |')
    for (const { name, ready, checks, failed, note } of this.rows) {
      const result = failed.length === 0 ? 'holds' : `FAILS: ${failed.join('; ')}`
      console.log(`| ${name} | ${ready === null ? '' : `${ready.toFixed(1)} s`} | ${checks} | ${result}${note ? ` (${note})` : ''} |`)
    }
    console.log(this.notRun.length === 0 ? 'Everything was run.' : `Not run: ${this.notRun.join('; ')}.`)
  }
}
