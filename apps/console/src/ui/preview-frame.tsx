import { useEffect, useRef } from 'react'
import { cx } from '../lib/cx.js'

/** As somebody sees it who prefers that. Browsers ask the system, which is the operator's own. */
const inScheme = (html: string, scheme: 'light' | 'dark'): string =>
  html
    .replaceAll(/\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/g, (_all, wanted: string) =>
      wanted === scheme ? '(min-width:0)' : '(max-width:0)',
    )
    .replaceAll(/color-scheme\s*:\s*light dark/g, `color-scheme:${scheme}`)

/**
 * A page or mail as it will look. The frame is a page of the control plane with a policy and an origin of its own: what is shown in it
 * runs nothing, fetches nothing, leads nowhere, and cannot reach this page.
 */
export function PreviewFrame({
  title,
  html,
  scheme,
  className = '',
}: {
  title: string
  html: string
  /** What the reader is taken to prefer. */
  scheme: 'light' | 'dark'
  className?: string
}) {
  const frame = useRef<HTMLIFrameElement>(null)
  const shown = useRef('')
  shown.current = inScheme(html, scheme)
  // A frame of no origin can be named by none: `*` reaches whatever it shows, which is what is sent.
  const show = () => frame.current?.contentWindow?.postMessage({ html: shown.current }, '*')
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.source === frame.current?.contentWindow && event.data === 'portico:ready') show()
    }
    addEventListener('message', listen)
    return () => removeEventListener('message', listen)
  }, [])
  useEffect(show, [html, scheme])
  return (
    <iframe
      ref={frame}
      title={title}
      src="/console/preview"
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      className={cx('w-full', scheme === 'dark' ? 'scheme-dark' : 'scheme-light', className)}
    />
  )
}
