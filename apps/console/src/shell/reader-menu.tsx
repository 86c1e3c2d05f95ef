import { BookOpen, Eye, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { enterDemo, signOut } from '../api/demo.js'
import type { ConsoleSession } from '../api/session.js'
import { cx } from '../lib/cx.js'
import { applyTheme, savedTheme, type Theme } from '../lib/theme.js'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../ui/menu.js'

const THEMES: [Theme, string, typeof Sun][] = [
  ['system', 'As the system', Monitor],
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
]

export default function ReaderMenu({ session, trigger }: { session: ConsoleSession; trigger: ReactElement }) {
  const [theme, setTheme] = useState(savedTheme)
  const inDemo = session.banner === 'demo'
  return (
    <Menu align="start" trigger={trigger} startsOpen>
      <MenuLabel>Look</MenuLabel>
      {THEMES.map(([value, label, Icon]) => (
        <MenuItem
          key={value}
          icon={<Icon className={cx('size-3.5', value === theme && 'text-accent')} />}
          onClick={() => {
            applyTheme(value)
            setTheme(value)
          }}
        >
          <span className={cx(value === theme && 'font-medium')}>{label}</span>
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<BookOpen className="size-3.5" />} onClick={() => window.open('/docs', '_blank', 'noopener')}>
        API reference
      </MenuItem>
      {session.demo && session.banner === 'open' && (
        <MenuItem icon={<Eye className="size-3.5" />} onClick={() => void enterDemo()}>
          Enter the demo
        </MenuItem>
      )}
      {(session.mode !== 'open' || inDemo) && (
        <MenuItem icon={<LogOut className="size-3.5" />} onClick={() => void signOut()}>
          {inDemo ? 'Leave the demo' : 'Sign out'}
        </MenuItem>
      )}
    </Menu>
  )
}
