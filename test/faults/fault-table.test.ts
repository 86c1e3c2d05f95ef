import { expect, test } from 'vitest'
import { withFaultRows, type FaultRow } from './fault-table.js'

const row = (name: string, measured: string): FaultRow => ({ name, promises: 'P1', done: 'much', measured, passed: 'yes', when: 'today' })
const FILE = 'before\n<!-- faults:begin -->\n<!-- faults:end -->\nafter\n'

test('rows stand in the order of the runs, and one that is run again replaces its own only', () => {
  const names = ['first', 'second', 'third']
  const both = withFaultRows(FILE, 'about', [row('third', '3'), row('first', 'a | b\nc')], names)
  expect(both.split('\n').filter((line) => line.startsWith('| '))).toEqual([
    expect.stringContaining('| Run |'),
    expect.stringContaining('| --- |'),
    '| first | P1 | much | a / b c | yes | today |',
    '| third | P1 | much | 3 | yes | today |',
  ])
  const again = withFaultRows(both, 'about', [row('third', '4'), row('second', '2')], names)
  expect(again).toContain('| first | P1 | much | a / b c | yes | today |\n| second | P1 | much | 2 | yes | today |\n| third | P1 | much | 4 | yes | today |\n\n<!-- faults:end -->\nafter\n')
  expect(again).not.toContain('| 3 |')
})

test('a run that is no more leaves the table, and a file without the markers is left alone', () => {
  const once = withFaultRows(FILE, 'about', [row('gone', '1')], ['gone'])
  expect(withFaultRows(once, 'about', [row('new', '1')], ['new'])).not.toContain('gone')
  expect(withFaultRows('nothing', 'about', [row('new', '1')], ['new'])).toBe('nothing')
})
